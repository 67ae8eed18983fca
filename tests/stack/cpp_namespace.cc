/* stack: in=pthread_mutex_lock below=commit */
// SPDX-License-Identifier: GPL-2.0-only
/* cpp_namespace.cc - a method of a class template, deep in namespaces */
#include "ready.hh"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace acme::storage
{
inline namespace v2
{
namespace detail
{
template <typename Key, typename Value>
class Store {
public:
	[[gnu::noinline]] int commit(const Key &key, Value value) const;

private:
	mutable std::mutex mutex;
	mutable std::map<Key, Value> map;
};

template <typename Key, typename Value>
int Store<Key, Value>::commit(const Key &key, Value value) const
{
	mutex.lock();
	map[key] = std::move(value);
	mutex.lock();
	return static_cast<int>(map.size());
}
}
}
}

int main()
{
	std::thread waiter([] {
		auto store = std::make_unique<
			acme::storage::detail::Store<std::string, std::shared_ptr<int>>>();

		std::printf("%d\n", store->commit("key", std::make_shared<int>(1)));
	});
	stay();
}
