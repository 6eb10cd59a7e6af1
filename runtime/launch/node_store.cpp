#include "runtime/launch/node_store.hpp"

#include "protocol/core/limits.hpp"
#include "runtime/config/credential_file.hpp"
#include "runtime/launch/durable_file.hpp"
#include "runtime/observe/json.hpp"

#include <algorithm>
#include <string_view>
#include <system_error>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t addresses_bytes_max = 4u << 20;
constexpr std::uint64_t claims_bytes_max = 512u << 20;
/// The file is written anew once it has so many more lines than claims.
constexpr std::size_t stale_lines_max = 1'000;

json address_json(const address_record& one) {
  return json{
    {"address", json_of(one.address)},
    {"node", json_of(one.node)},
    {"source", static_cast<unsigned>(one.source)},
    {"last_success", json_of(one.last_success)},
  };
}

result<void> read_address(const json& from, address_record& into) {
  if (!from.is_object())
    return {errc::malformed, "expected an object"};
  unsigned source = 0;
  result<void> taken = read_field(from, "address", into.address);
  if (taken)
    taken = read_field(from, "node", into.node);
  if (taken)
    taken = read_field(from, "source", source);
  if (taken)
    taken = read_field(from, "last_success", into.last_success);
  if (!taken)
    return taken;
  if (into.address.size() > limits::name_bytes_max)
    return {errc::limit_exceeded, "address: expected at most "
                                    + std::to_string(limits::name_bytes_max)
                                    + " bytes"};
  if (source < static_cast<unsigned>(address_source::bootstrap)
      || source > static_cast<unsigned>(address_source::stored))
    return {errc::malformed, "source: expected a number from 1 to 5"};
  into.source = static_cast<address_source>(source);
  return {};
}

result<std::vector<address_record>> parse_addresses(std::string_view text) {
  auto document = parse_json(text);
  if (!document)
    return document.error();
  auto list =
    document->is_object() ? document->find("addresses") : document->end();
  if (list == document->end() || !list->is_array()
      || list->size() > node_store::addresses_max)
    return {errc::malformed, "expected an object with 'addresses', a list"};
  std::vector<address_record> all;
  for (const auto& item : *list) {
    address_record one;
    if (auto taken = read_address(item, one); !taken)
      return taken.error();
    all.push_back(std::move(one));
  }
  return all;
}

result<payment_claim> parse_claim(std::string_view line) {
  auto document = parse_json(line);
  if (!document)
    return document.error();
  payment_claim claim;
  if (auto taken = read_json(*document, claim); !taken)
    return taken.error();
  return claim;
}

} // namespace

node_store::node_store(fs::path directory, warn_handler warn)
  : directory_(std::move(directory)),
    warn_(std::move(warn)) {
  read_addresses();
  read_config();
  read_claims();
}

void node_store::put_aside(const fs::path& path, const failure& problem) {
  auto aside = set_aside(path);
  warn_("'" + path.string() + "' can't be used and was moved to '"
        + aside.string() + "': " + problem.message);
}

void node_store::read_addresses() {
  auto path = directory_ / "addresses.json";
  auto text = read_bounded(path, addresses_bytes_max);
  if (!text && text.error().code == errc::not_found)
    return;
  result<std::vector<address_record>> parsed =
    text ? parse_addresses(*text) : text.error();
  if (parsed)
    addresses_ = std::move(*parsed);
  else
    put_aside(path, parsed.error());
}

void node_store::read_config() {
  auto path = directory_ / "network.json";
  auto read = read_credential<network_config>(path);
  if (read)
    config_ = std::move(*read);
  else if (read.error().code != errc::not_found)
    put_aside(path, read.error());
}

void node_store::read_claims() {
  auto path = directory_ / "claims.jsonl";
  auto text = read_bounded(path, claims_bytes_max);
  if (!text && text.error().code != errc::not_found)
    put_aside(path, text.error());
  if (!text)
    return;
  std::string_view rest = *text;
  auto damaged = false;
  while (!rest.empty()) {
    auto end = rest.find('\n');
    // Without its end: a process was killed while it wrote.
    if (end == rest.npos)
      break;
    ++claim_lines_;
    auto claim = parse_claim(rest.substr(0, end));
    if (claim)
      take_claim(*claim);
    else
      damaged = true;
    rest.remove_prefix(end + 1);
  }
  if (!damaged && rest.empty())
    return;
  if (damaged)
    put_aside(path, {errc::malformed, "some lines are no claims; the others are"
                                      " kept"});
  rewrite_claims();
}

/// Whether it says more than what was known.
bool node_store::take_claim(const payment_claim& claim) {
  auto [known, fresh] = claims_.try_emplace({claim.payer, claim.task}, claim);
  if (!fresh && claim.amount <= known->second.amount)
    return false;
  known->second = claim;
  if (claims_.size() > claims_max)
    drop_oldest_claim();
  return true;
}

void node_store::drop_oldest_claim() {
  auto oldest = std::min_element(claims_.begin(), claims_.end(),
                                 [](const auto& a, const auto& b) {
                                   return a.second.issued < b.second.issued;
                                 });
  claims_.erase(oldest);
}

claim_totals node_store::claims() const {
  std::lock_guard guard{mutex_};
  claim_totals totals;
  for (const auto& [key, claim] : claims_) {
    ++totals.claims;
    // Others name the amounts: the sum ends where the type does.
    if (auto sum = add(totals.amount, claim.amount))
      totals.amount = *sum;
  }
  return totals;
}

std::vector<payment_claim> node_store::all_claims() const {
  std::lock_guard guard{mutex_};
  std::vector<payment_claim> all;
  for (const auto& [key, claim] : claims_)
    all.push_back(claim);
  return all;
}

void node_store::keep_addresses(const std::vector<address_record>& addresses) {
  auto list = json::array();
  for (const auto& one : addresses) {
    if (list.size() == addresses_max)
      break;
    list.push_back(address_json(one));
  }
  std::lock_guard guard{mutex_};
  auto kept = replace_durably(directory_ / "addresses.json",
                              document_of(json{{"addresses", list}}));
  if (!kept)
    warn_("addresses of peers can't be kept: " + kept.error().message);
}

void node_store::keep_config(const network_config& config) {
  std::lock_guard guard{mutex_};
  auto kept = write_credential(directory_ / "network.json", config, true);
  if (!kept)
    warn_("the network's config can't be kept: " + kept.error().message);
}

void node_store::keep_claim(const payment_claim& claim) {
  std::lock_guard guard{mutex_};
  if (!take_claim(claim))
    return;
  if (claim_lines_ >= claims_.size() + stale_lines_max) {
    rewrite_claims();
    return;
  }
  auto kept =
    append_durably(directory_ / "claims.jsonl", line_of(json_of(claim)) + "\n");
  ++claim_lines_;
  if (!kept)
    warn_("a signed claim can't be kept: " + kept.error().message);
}

void node_store::rewrite_claims() {
  std::string content;
  for (const auto& [key, claim] : claims_)
    content += line_of(json_of(claim)) + "\n";
  auto kept = replace_durably(directory_ / "claims.jsonl", content);
  claim_lines_ = claims_.size();
  if (!kept)
    warn_("signed claims can't be kept: " + kept.error().message);
}

} // namespace artel::runtime
