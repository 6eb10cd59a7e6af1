// Translates WebAssembly modules to native programs: wasm2c, then gcc, both
// inside the process sandbox, as a module is anybody's. Each module once: what
// came out is kept by the hash of all that went in.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/task/sandbox_terms.hpp"
#include "sandbox/bundle/content_store.hpp"
#include "sandbox/process/process_sandbox.hpp"

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <stop_token>
#include <string>

namespace artel::sandbox {

/// A native program that runs one module; stays on disk while this lives.
using native_module = pinned_content;

class module_compiler {
public:
  /// sandbox_unavailable where wasm2c, gcc or artel's own library for it are
  /// missing, with what to install.
  static result<std::unique_ptr<module_compiler>>
  make(std::shared_ptr<process_sandbox> sandbox,
       std::filesystem::path cache_directory);

  /// From the cache, or compiled: that takes a second or more. Threads that
  /// want the same module wait for one of them. malformed: the module is at
  /// fault; execution_failed tells what the compiler said; cancelled.
  result<native_module> get(bytes_view module, nan_policy nan,
                            std::stop_token stop);

private:
  module_compiler(std::shared_ptr<process_sandbox> sandbox,
                  std::unique_ptr<content_store> store);

  result<void> install(const std::filesystem::path& interpreter,
                       const std::filesystem::path& library);
  result<void> learn_toolchain();
  run_result run_script(std::string text, bytes_view module,
                        std::stop_token stop) const;
  hash256 key_of(bytes_view module, nan_policy nan) const;
  result<bytes> compile(bytes_view module, nan_policy nan,
                        std::stop_token stop);

  std::shared_ptr<process_sandbox> sandbox_;
  std::unique_ptr<content_store> store_;
  /// What is shown to the compiler.
  std::filesystem::path helpers_;
  /// Versions and flags: what comes out depends on them too.
  hash256 toolchain_;
  std::mutex mutex_;
  std::condition_variable done_;
  /// Being compiled now.
  std::set<hash256> in_work_;
};

} // namespace artel::sandbox
