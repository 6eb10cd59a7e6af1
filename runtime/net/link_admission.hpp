// Which connections a node takes: how many in all, how many from one address,
// and how many descriptors are left. Thread-safe: asked by the thread that
// accepts, told by whoever closes.
#pragma once

#include "runtime/net/link_socket.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

namespace artel::runtime {

class link_admission {
public:
  enum class verdict : std::uint8_t {
    admitted,
    /// links_max links are open.
    full,
    /// per_address_max from this address are.
    address_full,
  };

  /// A place that is given back with the permit.
  class permit {
  public:
    permit(std::shared_ptr<link_admission> owner, const address_key& key);
    ~permit();
    permit(const permit&) = delete;
    permit& operator=(const permit&) = delete;

    /// The connection is a link now; false where there is no room for it any
    /// more.
    bool promote();

  private:
    std::shared_ptr<link_admission> owner_;
    address_key key_;
    bool promoted_ = false;
  };

  link_admission(std::size_t links_max, std::size_t per_address_max)
    : links_max_(links_max),
      per_address_max_(per_address_max) {}

  /// Counts it, where it is admitted: then a permit has to follow.
  verdict admit(const address_key& key);

  /// Admitted, and no links yet.
  std::size_t waiting() const;

private:
  void release(const address_key& key, bool promoted);
  bool promote();

  mutable std::mutex mutex_;
  std::size_t links_max_;
  std::size_t per_address_max_;
  std::size_t links_ = 0;
  std::size_t waiting_ = 0;
  std::map<address_key, std::size_t> per_address_;
};

} // namespace artel::runtime
