// The node under attack: `artel node start` as a process of its own, and what
// it says of itself meanwhile.
#pragma once

#include "protocol/identity/keys.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/types.h>

namespace artel::hostile_net {

class node_process {
public:
  /// Writes key, network config and settings into a directory of its own, where
  /// `revoked` is a key that the network has revoked. Throws
  /// std::runtime_error, as all of this class, with a sentence.
  node_process(std::string program, const node_id& revoked);
  ~node_process();
  node_process(const node_process&) = delete;
  node_process& operator=(const node_process&) = delete;

  /// Starts it and waits until it answers.
  void start();
  /// SIGTERM; its exit code.
  int stop();

  std::uint16_t port() const noexcept { return port_; }
  static const std::string& network();
  bool is_running();

  /// `artel node describe -o json`.
  nlohmann::json describe() const;
  /// Of a number anywhere below, the sum over all places with that name; 0
  /// where there is none.
  static std::uint64_t count(const nlohmann::json& status,
                             const std::string& name);

  std::uint64_t resident_bytes() const;
  std::string log_tail() const;

private:
  std::string program_;
  std::filesystem::path directory_;
  std::uint16_t port_ = 0;
  pid_t process_ = -1;
};

} // namespace artel::hostile_net
