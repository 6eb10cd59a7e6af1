// Runs WebAssembly modules: interpreted with exact fuel, or compiled to native
// code; both inside the process sandbox, both with the same small deterministic
// WASI.
#pragma once

#include "sandbox/executor.hpp"
#include "sandbox/process/process_sandbox.hpp"
#include "sandbox/wasm/module_compiler.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace artel::sandbox {

/// May be used by several threads at once.
class wasm_executor final : public executor {
public:
  /// Compiled modules are kept in the cache directory, or only for as long as
  /// the object lives where that is empty. sandbox_unavailable where artel-wasm
  /// is missing.
  static result<std::unique_ptr<wasm_executor>>
  make(std::shared_ptr<process_sandbox> sandbox,
       std::filesystem::path cache_directory);

  run_result execute(const run_request& request, std::stop_token stop) override;

  /// Whether this machine can run that tier; sandbox_unavailable says what to
  /// install.
  result<void> check(wasm_tier tier);

private:
  wasm_executor(std::shared_ptr<process_sandbox> sandbox,
                std::filesystem::path cache_directory);

  /// What is known of a module that was run lately.
  struct prepared_module {
    std::weak_ptr<const code_bundle> bundle;
    nan_policy nan = nan_policy::canonical;
    /// Held while it is compiled: one does it for all.
    std::mutex mutex;
    /// Set once the module was admitted: the memory it starts with.
    std::optional<std::uint64_t> admitted_pages;
    std::shared_ptr<const native_module> native;
    std::optional<failure> compile_problem;
  };

  /// Null where this machine can't compile; no_compiler_ says why.
  module_compiler* compiler();
  std::shared_ptr<prepared_module>
  prepared(const std::shared_ptr<const code_bundle>& bundle, nan_policy nan);
  /// Nothing where the module is admitted.
  std::optional<run_result> refuse(prepared_module& module,
                                   const run_request& request);
  result<std::shared_ptr<const native_module>>
  compiled(prepared_module& module, const run_request& request,
           std::stop_token stop);
  run_result interpret(const run_request& request, std::stop_token stop);
  run_result run_compiled(const run_request& request,
                          const native_module& module, std::stop_token stop);

  std::shared_ptr<process_sandbox> sandbox_;
  std::filesystem::path cache_directory_;
  /// A copy of artel-wasm where the sandbox's user can reach it.
  std::filesystem::path interpreter_;
  std::once_flag compiler_made_;
  std::unique_ptr<module_compiler> compiler_;
  std::string no_compiler_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<prepared_module>> prepared_;
};

} // namespace artel::sandbox
