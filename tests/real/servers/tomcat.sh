# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# tomcat.sh - Tomcat: a JVM with its service threads, connector pools and an executor of the page's
# shellcheck disable=SC2034,SC2154

home=/usr/share/tomcat10
needs=("$home/bin/catalina.sh" java ab curl)
user=tomcat

# A base directory of its own with one JSP page, and no shutdown port.
start() {
	as_user install -d conf logs temp webapps/ROOT work
	cp "$home/etc/web.xml" conf/ 2>/dev/null || cp /etc/tomcat10/web.xml conf/
	cp "$(dirname "${BASH_SOURCE[0]}")/tomcat.jsp" webapps/ROOT/index.jsp
	cat >conf/server.xml <<-XML
		<Server port="-1"><Service name="Catalina">
			<Connector address="127.0.0.1" port="$port" minSpareThreads="10"/>
			<Engine name="Catalina" defaultHost="localhost">
				<Host name="localhost" appBase="webapps"/>
			</Engine>
		</Service></Server>
	XML
	chown -R "$user:" conf webapps
	become CATALINA_HOME="$home" CATALINA_BASE="$dir" CATALINA_TMPDIR="$dir/temp" \
		JAVA_OPTS="-Djava.awt.headless=true -Xmx128m" "$home/bin/catalina.sh" run
}

# The page must have run.
ready() {
	[[ $(http_get "http://127.0.0.1:$port/") == *tomcat-499500* ]]
}

# Requests that go through the executor and the common pool.
load() {
	http_batch "http://127.0.0.1:$port/" 300 12
}
