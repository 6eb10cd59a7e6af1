#include "runtime/sim/byzantine/forgery.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/output_file.hpp"
#include "protocol/verification/receipt.hpp"
#include "runtime/sim/byzantine/altered_output.hpp"

#include <limits>

namespace artel::sim {

namespace {

/// Keeps the answers of two forgers apart, and above those of plain liars.
std::uint64_t own_error(const node_environment& environment) {
  std::uint64_t number = 0;
  auto id = environment.id();
  for (auto byte : id.view().first(4))
    number = number * 256 + byte;
  return 1'000'000 + number;
}

void sign(wire::job_result& message, const node_environment& environment) {
  std::vector<hash256> leaves;
  for (const auto& entry : message.entries)
    leaves.push_back(receipt_leaf(entry.body));
  message.batch_signature = sign_batch(*environment.key, leaves);
}

void set_output(wire::job_result_entry& entry, bytes output) {
  entry.output = std::move(output);
  entry.stderr_tail.clear();
  entry.body.outcome = run_outcome::completed;
  entry.body.exit_code = 0;
  entry.body.output = output_hash(entry.output, hash_of(entry.files));
  entry.body.output_bytes = entry.output.size() + total_bytes(entry.files);
}

bytes random_bytes(std::size_t size, random_generator& random) {
  bytes data(size);
  random.fill(data);
  return data;
}

template <class Value, std::size_t N>
Value draw_one(const Value (&values)[N], random_generator& random) {
  return values[random.below(N)];
}

} // namespace

wire::job_result second_answer(const wire::job_result& first,
                               const node_environment& environment) {
  auto second = first;
  for (auto& entry : second.entries)
    set_output(entry, altered_output(entry.output, own_error(environment)));
  sign(second, environment);
  return second;
}

void tamper_with(wire::job_result& message, random_generator& random) {
  if (message.entries.empty())
    return;
  auto& entry = message.entries[random.below(message.entries.size())];
  switch (random.below(4)) {
    case 0:
      entry.output = altered_output(entry.output, 1);
      // A failed run's output is not looked at.
      if (entry.body.outcome == run_outcome::completed)
        break;
      [[fallthrough]];
    case 1: entry.body.price.micro += 1'000'000; break;
    case 2: entry.body.job += 1; break;
    default:
      message.batch_signature.value[random.below(signature::size)] ^= 1;
      break;
  }
}

wire::job_result forged_result(const wire::attempt_ref& attempt,
                               const std::optional<receipt>& known,
                               const node_environment& environment,
                               random_generator& random) {
  wire::job_result message;
  auto& entry = message.entries.emplace_back();
  auto& body = entry.body;
  if (known)
    body = *known;
  body.network = environment.network;
  body.task = attempt.task;
  body.job = attempt.job;
  body.attempt = attempt.attempt;
  body.worker = environment.id();
  body.worker_owner = environment.owner;
  set_output(entry, altered_output({}, own_error(environment)));
  auto kind = random.below(3);
  if (kind == 1)
    body.worker = random.id<node_id>();
  if (kind == 2)
    message.batch_signature = random.id<signature>();
  else
    sign(message, environment);
  return message;
}

wire::bid_request odd_bid_request(const task_id& task,
                                  const node_environment& environment,
                                  random_generator& random) {
  constexpr auto huge = std::numeric_limits<std::uint64_t>::max();
  constexpr std::string_view kernels[] = {"count_primes", "noop", "", "none"};
  constexpr std::int64_t estimates[] = {1'000, 1, 0, -1, limits::time_ms_max};
  constexpr std::uint64_t counts[] = {1, 0, 1'000, huge};
  constexpr std::uint32_t shares[] = {0, 1'000, 1'000'000'000};
  wire::bid_request request;
  request.task = task;
  request.owner = environment.owner;
  request.code.kernel = draw_one(kernels, random);
  if (random.below(8) == 0)
    request.code.kernel_arguments.push_back("1");
  request.cpu_permille = draw_one(shares, random);
  request.gpu_permille = random.below(8) == 0 ? 1'000 : 0;
  request.ram_bytes = random.below(8) == 0 ? huge : 0;
  request.estimate = milliseconds{draw_one(estimates, random)};
  request.jobs = draw_one(counts, random);
  return request;
}

void spoil(wire::envelope& item, random_generator& random) {
  constexpr auto last = std::numeric_limits<std::uint64_t>::max();
  switch (random.below(8)) {
    case 0: item.network += "-2"; break;
    case 1: item.recipient = random.id<node_id>(); break;
    case 2: item.sender = random.id<node_id>(); break;
    case 3: item.sent -= std::chrono::hours{1}; break;
    case 4: item.time_to_live = milliseconds{-1}; break;
    case 5: item.version += 1; break;
    case 6: item.sequence = 0; break;
    default:
      // The end of all numbers, in the class that workers don't use.
      item.priority = wire::traffic_class::bulk;
      item.sequence = last - random.below(3);
      break;
  }
}

bytes garbage_frame(wire::envelope sound, random_generator& random) {
  auto size = 1 + random.below(200);
  switch (random.below(4)) {
    case 0: return random_bytes(size, random);
    case 1: {
      // The length fits, what follows is nothing.
      auto frame = random_bytes(wire::length_bytes + size, random);
      for (std::size_t i = 0; i < wire::length_bytes; ++i)
        frame[i] =
          static_cast<std::uint8_t>(size >> (8 * (wire::length_bytes - 1 - i)));
      return frame;
    }
    case 2: {
      auto frame = wire::encode_frame({&sound, 1});
      frame[0] = 0xff;
      return frame;
    }
    default:
      sound.payload = random_bytes(size, random);
      return wire::encode_frame({&sound, 1});
  }
}

} // namespace artel::sim
