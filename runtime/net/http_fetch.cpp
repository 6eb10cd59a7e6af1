#include "runtime/net/http_fetch.hpp"

#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace artel::runtime {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::size_t url_bytes_max = 4'096;
constexpr long slow_bytes_per_second = 1'024;

struct easy_deleter {
  void operator()(CURL* handle) const noexcept { curl_easy_cleanup(handle); }
};
using easy_handle = std::unique_ptr<CURL, easy_deleter>;

struct url_deleter {
  void operator()(CURLU* handle) const noexcept { curl_url_cleanup(handle); }
};
using url_handle = std::unique_ptr<CURLU, url_deleter>;

/// libcurl wants to be begun once, before any thread uses it.
bool is_curl_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

std::optional<std::string> part_of(CURLU* url, CURLUPart part,
                                   unsigned int flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK)
    return std::nullopt;
  std::string result{text};
  curl_free(text);
  return result;
}

std::optional<ip_address> address_of(const curl_sockaddr& target) {
  ip_address address;
  if (target.family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &target.addr, sizeof v4);
    return ip_address::v4(ntohl(v4.sin_addr.s_addr));
  }
  if (target.family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, &target.addr,
                std::min<std::size_t>(sizeof v6, target.addrlen));
    std::memcpy(address.bytes.data(), &v6.sin6_addr, address.bytes.size());
    return address;
  }
  return std::nullopt;
}

/// One request; redirects make further ones.
class transfer {
public:
  transfer(const http_fetch_options& options, http_location location,
           steady::time_point deadline)
    : options_(options),
      location_(std::move(location)),
      deadline_(deadline) {}

  /// Where it redirects to; nothing where `body()` is all.
  result<std::optional<std::string>> run(const std::string& url);

  bytes take_body() { return std::move(body_); }

private:
  static std::size_t on_data(char* data, std::size_t size, std::size_t count,
                             void* self);
  static int on_progress(void* self, curl_off_t, curl_off_t, curl_off_t,
                         curl_off_t);
  static curl_socket_t on_socket(void* self, curlsocktype purpose,
                                 curl_sockaddr* target);

  bool set_up(CURL* handle, const std::string& url);
  failure failure_of(CURLcode code, const char* detail) const;

  const http_fetch_options& options_;
  http_location location_;
  steady::time_point deadline_;
  bytes body_;
  bool is_too_large_ = false;
  /// The address that was not allowed.
  std::optional<ip_address> refused_;
};

std::size_t transfer::on_data(char* data, std::size_t size, std::size_t count,
                              void* self) {
  auto& here = *static_cast<transfer*>(self);
  auto more = size * count;
  if (more > here.options_.bytes_max - here.body_.size()) {
    here.is_too_large_ = true;
    return 0;
  }
  here.body_.insert(here.body_.end(), data, data + more);
  return more;
}

int transfer::on_progress(void* self, curl_off_t, curl_off_t, curl_off_t,
                          curl_off_t) {
  return static_cast<transfer*>(self)->options_.stop.stop_requested() ? 1 : 0;
}

curl_socket_t transfer::on_socket(void* self, curlsocktype,
                                  curl_sockaddr* target) {
  auto& here = *static_cast<transfer*>(self);
  auto address = address_of(*target);
  auto allowed =
    address
    && (here.options_.allows ? here.options_.allows(here.location_, *address)
                             : is_public(*address));
  if (!allowed) {
    here.refused_ = address.value_or(ip_address{});
    return CURL_SOCKET_BAD;
  }
  return ::socket(target->family, target->socktype | SOCK_CLOEXEC,
                  target->protocol);
}

bool transfer::set_up(CURL* handle, const std::string& url) {
  auto left =
    std::chrono::duration_cast<milliseconds>(deadline_ - steady::now());
  auto ms = [](milliseconds span) {
    return static_cast<long>(std::max<std::int64_t>(span.count(), 1));
  };
  auto set = [handle](CURLoption option, auto value) {
    return curl_easy_setopt(handle, option, value) == CURLE_OK;
  };
  auto stall = std::chrono::ceil<std::chrono::seconds>(options_.stall_timeout);
  return set(CURLOPT_URL, url.c_str())
         && set(CURLOPT_PROTOCOLS_STR, "http,https")
         // A proxy would choose the address by itself.
         && set(CURLOPT_PROXY, "") && set(CURLOPT_FOLLOWLOCATION, 0L)
         && set(CURLOPT_NOSIGNAL, 1L) && set(CURLOPT_USERAGENT, "artel")
         && set(CURLOPT_CONNECTTIMEOUT_MS, ms(options_.connect_timeout))
         && set(CURLOPT_TIMEOUT_MS, ms(left))
         && set(CURLOPT_LOW_SPEED_LIMIT, slow_bytes_per_second)
         && set(CURLOPT_LOW_SPEED_TIME,
                static_cast<long>(std::max<std::int64_t>(stall.count(), 1)))
         && set(CURLOPT_MAXFILESIZE_LARGE,
                static_cast<curl_off_t>(options_.bytes_max))
         && set(CURLOPT_WRITEFUNCTION, &transfer::on_data)
         && set(CURLOPT_WRITEDATA, static_cast<void*>(this))
         && set(CURLOPT_NOPROGRESS, 0L)
         && set(CURLOPT_XFERINFOFUNCTION, &transfer::on_progress)
         && set(CURLOPT_XFERINFODATA, static_cast<void*>(this))
         && set(CURLOPT_OPENSOCKETFUNCTION, &transfer::on_socket)
         && set(CURLOPT_OPENSOCKETDATA, static_cast<void*>(this));
}

failure transfer::failure_of(CURLcode code, const char* detail) const {
  if (is_too_large_ || code == CURLE_FILESIZE_EXCEEDED)
    return {errc::limit_exceeded,
            "more than " + std::to_string(options_.bytes_max) + " bytes"};
  if (options_.stop.stop_requested())
    return {errc::cancelled, "cancelled"};
  if (refused_)
    return {errc::refused, "its address " + to_string(*refused_)
                             + " is not public and not allowed"};
  if (code == CURLE_OPERATION_TIMEDOUT)
    return {errc::timed_out, "it took too long"};
  return {errc::unreachable, detail[0] != '\0'
                               ? std::string{detail}
                               : std::string{curl_easy_strerror(code)}};
}

result<std::optional<std::string>> transfer::run(const std::string& url) {
  easy_handle handle{curl_easy_init()};
  char detail[CURL_ERROR_SIZE] = "";
  if (!handle || !set_up(handle.get(), url))
    return {errc::system_failure, "libcurl does not work"};
  curl_easy_setopt(handle.get(), CURLOPT_ERRORBUFFER, detail);
  auto code = curl_easy_perform(handle.get());
  if (code != CURLE_OK)
    return failure_of(code, detail);
  long status = 0;
  curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status == 200)
    return std::optional<std::string>{};
  char* target = nullptr;
  curl_easy_getinfo(handle.get(), CURLINFO_REDIRECT_URL, &target);
  if (status >= 300 && status < 400 && target != nullptr)
    return std::optional{std::string{target}};
  return {errc::not_found,
          "the server answered with status " + std::to_string(status)};
}

} // namespace

result<http_location> locate_url(const std::string& url) {
  auto bad = [](errc code, std::string message) {
    return failure{code, std::move(message)};
  };
  if (url.size() > url_bytes_max)
    return bad(errc::limit_exceeded, "a URL of more than 4096 bytes");
  url_handle parsed{curl_url()};
  if (!parsed
      || curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK)
    return bad(errc::malformed, quoted(url)
                                  + " is not a URL; expected one "
                                    "such as https://host/file");
  auto scheme = part_of(parsed.get(), CURLUPART_SCHEME).value_or("");
  if (scheme != "http" && scheme != "https")
    return bad(errc::invalid_argument,
               quoted(url) + " is neither http nor https");
  if (part_of(parsed.get(), CURLUPART_USER)
      || part_of(parsed.get(), CURLUPART_PASSWORD))
    return bad(errc::invalid_argument,
               "a URL with a user's name or password, which others would see");
  http_location location;
  location.is_secure = scheme == "https";
  location.host = part_of(parsed.get(), CURLUPART_HOST).value_or("");
  if (location.host.starts_with('[') && location.host.ends_with(']'))
    location.host = location.host.substr(1, location.host.size() - 2);
  std::transform(location.host.begin(), location.host.end(),
                 location.host.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  auto port =
    part_of(parsed.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT).value_or("");
  auto end = port.data() + port.size();
  if (std::from_chars(port.data(), end, location.port).ptr != end
      || location.port == 0 || location.host.empty())
    return bad(errc::malformed, quoted(url) + " names no host and port");
  return location;
}

result<bytes> http_fetch(const std::string& url,
                         const http_fetch_options& options) {
  if (!is_curl_ready())
    return {errc::system_failure, "libcurl does not work"};
  auto named = [&url](const failure& problem) {
    return failure{problem.code, quoted(url) + ": " + problem.message};
  };
  auto deadline = steady::now() + options.timeout;
  auto next = url;
  auto was_secure = false;
  for (std::uint32_t hop = 0; hop <= options.redirects_max; ++hop) {
    auto location = locate_url(next);
    if (!location)
      return named(location.error());
    if (was_secure && !location->is_secure)
      return named({errc::refused, "it redirects from https to http"});
    was_secure = location->is_secure;
    if (steady::now() >= deadline)
      return named({errc::timed_out, "it took too long"});
    transfer one{options, *location, deadline};
    auto target = one.run(next);
    if (!target)
      return named(target.error());
    if (!*target)
      return one.take_body();
    next = std::move(**target);
  }
  return named(
    {errc::limit_exceeded,
     "more than " + std::to_string(options.redirects_max) + " redirects"});
}

} // namespace artel::runtime
