// Envelopes over the TLS link: what peers do with each, without their pace.
#include "protocol/verification/receipt.hpp"
#include "protocol/wire/envelope.hpp"
#include "tools/bench/link_node.hpp"
#include "tools/bench/link_paths.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>

#include <array>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace artel::bench {

namespace {

/// As a peer sends them.
constexpr std::size_t frame_envelopes = 64;
constexpr std::size_t frame_bytes = 1u << 20;
constexpr std::uint64_t first_ping = 1;
/// From here on a message holds so many bytes; below, it is about so large.
constexpr std::size_t large_bytes = 4'096;

/// What a client's end does beside the link; a server's does nothing.
struct client_part {
  load what;
  bool in_batches = false;
  figures* out = nullptr;
};

class end_state {
public:
  using pointer = caf::stateful_actor<end_state>*;

  void start(pointer self, environment_ptr environment,
             std::optional<client_part> client) {
    self_ = self;
    environment_ = std::move(environment);
    if (!client)
      return;
    client_ = std::move(client);
    counts_.emplace(client_->what);
  }

  bool is_client() const noexcept { return client_.has_value(); }

  void on_opened(const link_opened& message) {
    transport_ = caf::actor_cast<transport_actor>(self_->current_sender());
    link_ = message.link;
    remote_ = message.proven;
    // Large frames are taken once both sides have sent one.
    if (client_)
      post(wire::ping{first_ping});
  }

  void on_frame(const bytes& frame) {
    auto items = wire::decode_frame(frame);
    if (!items)
      fail(items.error().message);
    for (const auto& item : *items) {
      auto sound =
        wire::check_envelope(item, environment_->network, environment_->id(),
                             wall_now_of(self_, *environment_));
      if (sound && item.sender != remote_)
        sound = {errc::bad_signature, "another sender"};
      if (sound)
        sound = replay_.admit(item.priority, item.sequence);
      if (!sound)
        fail(sound.error().message);
      auto payload = wire::decode_payload(item);
      if (!payload)
        fail(payload.error().message);
      if (client_)
        on_answer(*payload);
      else
        answer(*payload);
      if (done_)
        return;
    }
  }

  void send_gathered() {
    flush_sent_ = false;
    std::vector<wire::envelope> items;
    std::size_t size = 0;
    for (auto& item : std::exchange(gathered_, {})) {
      auto next = item.payload.size();
      if (!items.empty()
          && (items.size() >= frame_envelopes || size + next > frame_bytes
              || items.front().priority != item.priority)) {
        send_frame_of(items);
        size = 0;
      }
      size += next;
      items.push_back(std::move(item));
    }
    send_frame_of(items);
  }

private:
  void post(const wire::payload& message) {
    wire::envelope sealed;
    sealed.network = environment_->network;
    sealed.type = wire::type_of(message);
    sealed.sender = environment_->id();
    sealed.recipient = remote_;
    sealed.priority = wire::class_of(message);
    sealed.sequence =
      ++sequences_[static_cast<std::size_t>(sealed.priority) - 1];
    sealed.sent = wall_now_of(self_, *environment_);
    sealed.payload = wire::encode_payload(message);
    gathered_.push_back(std::move(sealed));
    if (!std::exchange(flush_sent_, true))
      self_->send(self_, flush{});
  }

  void send_frame_of(std::vector<wire::envelope>& items) {
    if (items.empty())
      return;
    self_->send(transport_, send_frame{link_, wire::encode_frame(items),
                                       items.front().priority});
    items.clear();
  }

  // -- the client's end -------------------------------------------------------

  void on_answer(wire::payload& message) {
    if (std::holds_alternative<wire::pong>(message)) {
      terms_ = make_terms();
      ask(counts_->start());
      return;
    }
    if (auto* results = std::get_if<wire::job_result>(&message))
      check_results(*results);
    ask(counts_->on_answer());
    if (!counts_->is_done())
      return;
    done_ = true;
    *client_->out = counts_->result();
    self_->quit();
  }

  void ask(std::size_t requests) {
    for (; requests > 0; --requests)
      if (client_->in_batches)
        post(next_assignments());
      else
        post(next_request());
  }

  wire::payload next_request() {
    ++asked_;
    if (client_->what.payload_bytes >= large_bytes) {
      wire::blob_piece piece;
      piece.total_bytes = client_->what.payload_bytes;
      piece.known = true;
      piece.data.assign(client_->what.payload_bytes,
                        static_cast<std::uint8_t>(asked_));
      return piece;
    }
    wire::blob_request request;
    // 32 bytes of id, the names of the fields, and five bytes a number.
    constexpr std::uint32_t high = 1u << 31;
    request.blob.value.fill(static_cast<std::uint8_t>(asked_));
    request.pieces = {high, static_cast<std::uint32_t>(asked_) | high, 7};
    return request;
  }

  task_terms make_terms() const {
    task_terms terms;
    terms.network = environment_->network;
    terms.task.value.fill(7);
    terms.requester = environment_->id();
    terms.owner = environment_->owner;
    terms.code.kernel = "noop";
    terms.price_per_job = whole_credits(1);
    terms.expires =
      wall_now_of(self_, *environment_) + std::chrono::minutes{10};
    return terms;
  }

  wire::payload next_assignments() {
    wire::job_assign message;
    message.terms = terms_;
    auto terms_hash = hash_of(terms_);
    std::vector<hash256> leaves;
    for (std::size_t i = 0; i < client_->what.batch_jobs; ++i) {
      wire::job_assignment job;
      job.job = ++asked_;
      job.attempt = 1;
      job.input.kind = input_kind::range;
      job.input.first = asked_ * 1'000;
      job.input.last = asked_ * 1'000 + 999;
      leaves.push_back(wire::assignment_leaf(terms_hash, remote_, job.job,
                                             job.attempt, hash_of(job.input)));
      message.jobs.push_back(std::move(job));
    }
    message.batch_signature = sign_batch(*environment_->key, leaves);
    return message;
  }

  void check_results(const wire::job_result& message) {
    std::vector<hash256> leaves;
    leaves.reserve(message.entries.size());
    for (const auto& entry : message.entries) {
      leaves.push_back(receipt_leaf(entry.body));
      if (entry.body.worker != remote_
          || entry.body.output != output_hash(entry.output))
        fail("a receipt does not fit");
    }
    // Kept with each receipt, so that it proves itself alone.
    auto proofs = open_batch(remote_, leaves, message.batch_signature);
    if (leaves.size() != client_->what.batch_jobs || !proofs)
      fail("the receipts' signature does not fit");
  }

  // -- the server's end -------------------------------------------------------

  void answer(const wire::payload& message) {
    if (const auto* ping = std::get_if<wire::ping>(&message))
      post(wire::pong{ping->nonce});
    else if (const auto* assign = std::get_if<wire::job_assign>(&message))
      post(run(*assign));
    else
      post(message);
  }

  /// Checks the promise and signs what a run would have given.
  wire::payload run(const wire::job_assign& message) {
    auto terms_hash = hash_of(message.terms);
    auto code_hash = hash_of(message.terms.code);
    std::vector<hash256> leaves;
    std::vector<hash256> inputs;
    for (const auto& job : message.jobs) {
      inputs.push_back(hash_of(job.input));
      leaves.push_back(wire::assignment_leaf(
        terms_hash, environment_->id(), job.job, job.attempt, inputs.back()));
    }
    if (message.terms.requester != remote_
        || !verify_batch(remote_, leaves, message.batch_signature))
      fail("the assignments' signature does not fit");
    wire::job_result made;
    leaves.clear();
    for (std::size_t i = 0; i < message.jobs.size(); ++i) {
      made.entries.push_back(
        result_of(message.terms, message.jobs[i], code_hash, inputs[i]));
      leaves.push_back(receipt_leaf(made.entries.back().body));
    }
    made.batch_signature = sign_batch(*environment_->key, leaves);
    return made;
  }

  wire::job_result_entry result_of(const task_terms& terms,
                                   const wire::job_assignment& job,
                                   const hash256& code,
                                   const hash256& input) const {
    wire::job_result_entry entry;
    entry.output = {'1', '6', '8'};
    auto& body = entry.body;
    body.network = terms.network;
    body.task = terms.task;
    body.job = job.job;
    body.attempt = job.attempt;
    body.requester = terms.requester;
    body.worker = environment_->id();
    body.worker_owner = environment_->owner;
    body.code = code;
    body.input = input;
    body.output = output_hash(entry.output);
    body.output_bytes = entry.output.size();
    body.price = terms.price_per_job;
    body.started = wall_now_of(self_, *environment_);
    body.wall_time_used = milliseconds{3};
    body.cpu_time_used = milliseconds{2};
    body.memory_peak_bytes = 1u << 20;
    return entry;
  }

  pointer self_ = nullptr;
  environment_ptr environment_;
  std::optional<client_part> client_;
  std::optional<meter> counts_;
  transport_actor transport_;
  link_id link_ = 0;
  node_id remote_;
  wire::replay_window replay_;
  std::array<std::uint64_t, 3> sequences_{};
  std::vector<wire::envelope> gathered_;
  bool flush_sent_ = false;
  bool done_ = false;
  task_terms terms_;
  std::uint64_t asked_ = 0;
};

caf::behavior end_of_link(end_state::pointer self, environment_ptr environment,
                          std::optional<client_part> client) {
  self->state.start(self, std::move(environment), std::move(client));
  auto& state = self->state;
  return {
    [&state](const link_opened& m) { state.on_opened(m); },
    [&state](const frame_received& m) { state.on_frame(m.frame); },
    [&state](const flush&) { state.send_gathered(); },
    [](const link_congested&) {},
    [self, &state](const link_closed& m) {
      // A server is told when to end.
      if (state.is_client())
        fail("the link is gone: " + m.reason);
      self->quit();
    },
  };
}

caf::behavior take_links(caf::event_based_actor* self,
                         environment_ptr environment) {
  return {
    [self, environment = std::move(environment)](const link_accepted& m) {
      auto end = self->spawn(end_of_link, environment, std::nullopt);
      self->send(caf::actor_cast<transport_actor>(self->current_sender()),
                 attach_link{m.link, caf::actor_cast<peer_actor>(end)});
    },
  };
}

[[noreturn]] void drive(std::uint16_t port, const load& what, bool in_batches,
                        const on_measured& report) {
  link_node node{false};
  auto& system = node.system();
  auto transport = node.start(system.spawn(take_links, node.environment()));
  figures made;
  caf::scoped_actor self{system};
  auto end = self->spawn<caf::monitored>(
    end_of_link, node.environment(),
    std::optional<client_part>{client_part{what, in_batches, &made}});
  caf::anon_send(transport, open_link{loopback_address(port),
                                      caf::actor_cast<peer_actor>(end)});
  self->wait_for(end);
  report(made);
  std::_Exit(0);
}

} // namespace

void serve_session(const server_hooks& hooks) {
  link_node node{true};
  node.start(node.system().spawn(take_links, node.environment()));
  hooks.listening(node.port());
  hooks.wait();
  std::_Exit(0);
}

void drive_session(std::uint16_t port, const load& what,
                   const on_measured& report) {
  drive(port, what, false, report);
}

void drive_batches(std::uint16_t port, const load& what,
                   const on_measured& report) {
  drive(port, what, true, report);
}

} // namespace artel::bench
