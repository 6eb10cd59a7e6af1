// What an owner promises and demands for the jobs of a task: the same for every
// worker, hashed into each signed assignment.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/task/execution_limits.hpp"
#include "protocol/task/sandbox_terms.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

/// Names the code to run: a built-in kernel with its arguments, or a bundle by
/// its hash and how to run it.
struct code_ref {
  static constexpr std::string_view type_name = "code_ref";

  /// Not empty: the kernel's name, and the bundle is zero.
  std::string kernel;
  std::vector<std::string> kernel_arguments;
  hash256 bundle;
  std::uint64_t bundle_bytes = 0;
  sandbox_terms sandbox;

  bool operator==(const code_ref&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("kernel", self.kernel);
    visit("kernel_arguments", self.kernel_arguments);
    visit("bundle", self.bundle);
    visit("bundle_bytes", self.bundle_bytes);
    visit("sandbox", self.sandbox);
  }
};

/// What a receipt calls the code: the bundle's hash, or "artel.kernel.v1" over
/// the kernel's name and arguments, each after its length.
hash256 hash_of(const code_ref& code) noexcept;

struct task_terms {
  static constexpr std::string_view type_name = "task_terms";

  std::string network;
  task_id task;
  node_id requester;
  owner_id owner;
  code_ref code;
  execution_limits limits;
  credits price_per_job;
  /// After this moment the worker need not start another job of the task.
  wall_time expires{};

  bool operator==(const task_terms&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("task", self.task);
    visit("requester", self.requester);
    visit("owner", self.owner);
    visit("code", self.code);
    visit("limits", self.limits);
    visit("price_per_job", self.price_per_job);
    visit("expires", self.expires);
  }
};

/// "artel.terms.v1" over the canonical encoding.
hash256 hash_of(const task_terms& terms);

} // namespace artel
