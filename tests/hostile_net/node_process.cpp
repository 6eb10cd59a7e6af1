#include "tests/hostile_net/node_process.hpp"

#include "protocol/core/random.hpp"
#include "protocol/governance/network_config.hpp"
#include "runtime/config/credential_file.hpp"
#include "runtime/config/key_file.hpp"

#include <array>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace artel::hostile_net {

namespace {

std::uint16_t free_port() {
  auto descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address));
  socklen_t size = sizeof(address);
  ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  ::close(descriptor);
  return ntohs(address.sin_port);
}

template <class T>
void must(const result<T>& outcome) {
  if (!outcome)
    throw std::runtime_error{outcome.error().message};
}

std::string run_and_read(const std::string& command, int& code) {
  auto* stream = ::popen(command.c_str(), "r");
  if (stream == nullptr)
    throw std::runtime_error{"can't run: " + command};
  std::string text;
  std::array<char, 4096> buffer{};
  while (auto count = std::fread(buffer.data(), 1, buffer.size(), stream))
    text.append(buffer.data(), count);
  code = ::pclose(stream);
  return text;
}

wall_time calendar_now() {
  return std::chrono::time_point_cast<milliseconds>(
    std::chrono::system_clock::now());
}

} // namespace

node_process::node_process(std::string program, const node_id& revoked)
  : program_(std::move(program)),
    port_(free_port()) {
  std::string pattern =
    (std::filesystem::temp_directory_path() / "artel-hostile-net.XXXXXX")
      .string();
  if (::mkdtemp(pattern.data()) == nullptr)
    throw std::runtime_error{"no directory below /tmp can be made"};
  directory_ = pattern;
  auto random = random_generator::from_number(2'026);
  auto key = key_pair::generate(random);
  auto root = key_pair::generate(random);
  must(runtime::write_key_file(directory_ / "node.key", key));
  network_config config;
  config.network = network();
  config.root = root.owner();
  config.version = 1;
  config.issued = calendar_now();
  config.revoked_nodes = {revoked};
  sign_config(config, root);
  must(runtime::write_credential(directory_ / "network.json", config, false));
  std::ofstream settings{directory_ / "node.toml"};
  settings << "[node]\nkey = \"" << (directory_ / "node.key").string()
           << "\"\nname = \"target\"\nstate = \""
           << (directory_ / "state").string() << "\"\ncontrol = \""
           << (directory_ / "control").string() << "\"\n[network]\nname = \""
           << network() << "\"\nroot = \"" << to_string(root.owner())
           << "\"\nconfig = \"" << (directory_ / "network.json").string()
           << "\"\n[listen]\naddresses = [\"127.0.0.1:" << port_
           << "\"]\n[links]\nmax = 1200\nper_address_max = 1200\n"
           << "[work]\nslots = 1\n";
}

node_process::~node_process() {
  if (process_ > 0) {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

const std::string& node_process::network() {
  static const std::string name = "hostile";
  return name;
}

void node_process::start() {
  auto config = (directory_ / "node.toml").string();
  auto log = (directory_ / "log").string();
  process_ = ::fork();
  if (process_ == 0) {
    auto file = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    ::dup2(file, 1);
    ::dup2(file, 2);
    ::execlp(program_.c_str(), program_.c_str(), "node", "start", "--config",
             config.c_str(), nullptr);
    ::_exit(127);
  }
  for (int i = 0; i < 300; ++i) {
    if (!is_running())
      break;
    int code = 0;
    run_and_read("'" + program_ + "' node describe -o json --control '"
                   + (directory_ / "control").string() + "' 2>/dev/null",
                 code);
    if (code == 0)
      return;
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
  }
  throw std::runtime_error{"the node did not come up:\n" + log_tail()};
}

int node_process::stop() {
  ::kill(process_, SIGTERM);
  int status = 0;
  ::waitpid(process_, &status, 0);
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool node_process::is_running() {
  if (process_ <= 0)
    return false;
  int status = 0;
  if (::waitpid(process_, &status, WNOHANG) == process_)
    process_ = -1;
  return process_ > 0;
}

nlohmann::json node_process::describe() const {
  int code = 0;
  auto text =
    run_and_read("'" + program_ + "' node describe -o json --control '"
                   + (directory_ / "control").string() + "' 2>&1",
                 code);
  auto status = nlohmann::json::parse(text, nullptr, false);
  if (code != 0 || status.is_discarded())
    throw std::runtime_error{"the node does not say how it is: " + text};
  return status;
}

std::uint64_t node_process::count(const nlohmann::json& status,
                                  const std::string& name) {
  std::uint64_t sum = 0;
  if (status.is_object()) {
    for (const auto& [key, value] : status.items())
      sum += key == name && value.is_number() ? value.get<std::uint64_t>()
                                              : count(value, name);
  } else if (status.is_array()) {
    for (const auto& value : status)
      sum += count(value, name);
  }
  return sum;
}

std::uint64_t node_process::resident_bytes() const {
  std::ifstream file{"/proc/" + std::to_string(process_) + "/status"};
  std::string line;
  while (std::getline(file, line))
    if (line.starts_with("VmRSS:"))
      return std::strtoull(line.c_str() + 6, nullptr, 10) * 1024;
  return 0;
}

std::string node_process::log_tail() const {
  std::ifstream file{directory_ / "log"};
  std::ostringstream text;
  text << file.rdbuf();
  auto all = text.str();
  return all.size() > 2'000 ? all.substr(all.size() - 2'000) : all;
}

} // namespace artel::hostile_net
