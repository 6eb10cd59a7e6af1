// The other end of a link, made by hand: it greets and sends what a test wants,
// and keeps what it hears.
#pragma once

#include "protocol/wire/envelope.hpp"
#include "tests/actors/world.hpp"

#include <memory>
#include <string>
#include <vector>

namespace artel::testing {

/// What it heard.
struct stranger_log {
  link_id link = 0;
  std::string closed;
  std::vector<wire::envelope> envelopes;
  std::vector<wire::payload> payloads;
  /// Payloads a frame.
  std::vector<std::size_t> frames;
};

class stranger {
public:
  /// Opens a link to the node at `target`; its own address is its name.
  explicit stranger(world& net, std::string name = "stranger",
                    const std::string& target = "client");
  ~stranger();
  stranger(const stranger&) = delete;
  stranger& operator=(const stranger&) = delete;

  const key_pair& key() const { return key_; }
  node_id node() const { return key_.node(); }

  /// As it should be, but for the signature.
  wire::handshake hello() const;
  wire::envelope greeting() const { return greeting(hello()); }
  wire::envelope greeting(const wire::handshake& hello) const;
  void sign(wire::envelope& item) const;

  /// Greets soundly and answers pings, until it is ready at the other end.
  void shake_hands() { shake_hands(hello()); }
  void shake_hands(const wire::handshake& hello);

  void send(const wire::envelope& item);
  void send_bytes(bytes frame);
  /// Numbered and addressed as it should be.
  wire::envelope seal(const wire::payload& item);
  void post(const wire::payload& item) { send(seal(item)); }

  /// The proxy that stands for it at the other end.
  peer_actor proxy() const;

  /// Zero where it was not refused.
  errc refusal() const;

  /// All that came of one kind.
  template <class Message>
  std::vector<Message> heard() const {
    std::vector<Message> found;
    for (const auto& one : log->payloads)
      if (const auto* item = std::get_if<Message>(&one))
        found.push_back(*item);
    return found;
  }

  std::shared_ptr<stranger_log> log = std::make_shared<stranger_log>();

private:
  world& net_;
  std::string name_;
  key_pair key_;
  node_id other_;
  std::uint64_t sequences_[3] = {1, 0, 0};
};

} // namespace artel::testing
