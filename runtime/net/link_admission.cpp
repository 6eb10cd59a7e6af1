#include "runtime/net/link_admission.hpp"

#include <utility>

namespace artel::runtime {

link_admission::permit::permit(std::shared_ptr<link_admission> owner,
                               const address_key& key)
  : owner_(std::move(owner)),
    key_(key) {
}

link_admission::permit::~permit() {
  owner_->release(key_, promoted_);
}

bool link_admission::permit::promote() {
  promoted_ = promoted_ || owner_->promote();
  return promoted_;
}

link_admission::verdict link_admission::admit(const address_key& key) {
  std::lock_guard guard{mutex_};
  if (links_ >= links_max_)
    return verdict::full;
  auto& count = per_address_[key];
  if (count >= per_address_max_)
    return verdict::address_full;
  ++count;
  ++waiting_;
  return verdict::admitted;
}

bool link_admission::promote() {
  std::lock_guard guard{mutex_};
  if (links_ >= links_max_)
    return false;
  ++links_;
  --waiting_;
  return true;
}

void link_admission::release(const address_key& key, bool promoted) {
  std::lock_guard guard{mutex_};
  --(promoted ? links_ : waiting_);
  auto found = per_address_.find(key);
  if (found != per_address_.end() && --found->second == 0)
    per_address_.erase(found);
}

std::size_t link_admission::waiting() const {
  std::lock_guard guard{mutex_};
  return waiting_;
}

} // namespace artel::runtime
