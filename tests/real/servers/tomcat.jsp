<%@ page import="java.util.concurrent.*, java.util.stream.*" session="false" %>
<%-- tomcat.jsp - a page that uses a fixed pool, a scheduled pool and the common pool --%>
<%!
private final ExecutorService pool = Executors.newFixedThreadPool(4);
private final ScheduledExecutorService later = Executors.newScheduledThreadPool(2);

private int sum() throws Exception {
	later.schedule(() -> { }, 10, TimeUnit.MILLISECONDS);
	Future<Integer> one = pool.submit(() -> IntStream.range(0, 1000).parallel().sum());
	return one.get();
}
%>
tomcat-<%= sum() %>
