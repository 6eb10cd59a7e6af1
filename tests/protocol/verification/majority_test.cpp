#include "protocol/verification/majority.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <string_view>

namespace {

using namespace artel;
using kind = majority_verdict::kind;

hash256 output(int number) {
  hash256 hash;
  hash.value[31] = static_cast<std::uint8_t>(number + 1);
  return hash;
}

owner_id owner(std::size_t number) {
  owner_id id;
  id.value[3] = static_cast<std::uint8_t>(number);
  return id;
}

/// Answers of distinct owners, attempts from 1; each letter is an output.
std::vector<replica_answer> answers(std::string_view letters) {
  std::vector<replica_answer> all;
  for (auto letter : letters)
    all.push_back({static_cast<std::uint32_t>(all.size() + 1),
                   owner(all.size()), output(letter - 'A')});
  return all;
}

verification_policy policy_of(std::uint32_t replicas, std::uint32_t most,
                              std::int32_t agreement = 660'000) {
  return {.replicas = replicas, .replicas_max = most, .agreement = {agreement}};
}

struct judged {
  kind status = kind::undecided;
  std::size_t answers = 0;
  char output = 0;
  std::size_t agreeing = 0;
};

std::size_t group_size(std::string_view letters, char letter) {
  return static_cast<std::size_t>(
    std::count(letters.begin(), letters.end(), letter));
}

bool has_share(const verification_policy& policy, std::size_t group,
               std::size_t all) {
  return group * 1'000'000 >= all * std::size_t(policy.agreement.value);
}

/// The definition, tried out: can these answers be completed by equal ones, of
/// any output, to some number at which they would be accepted?
bool can_still_win(const verification_policy& policy,
                   std::string_view letters) {
  for (char letter = 'A'; letter <= 'Z'; ++letter) {
    for (std::size_t all = letters.size(); all <= policy.replicas_max; ++all) {
      auto group = group_size(letters, letter) + all - letters.size();
      if (all >= policy.replicas && has_share(policy, group, all))
        return true;
    }
  }
  return false;
}

judged judge_by_definition(const verification_policy& policy,
                           std::string_view letters) {
  for (std::size_t n = 1; n <= letters.size(); ++n) {
    auto seen = letters.substr(0, n);
    for (auto letter : seen) {
      auto group = group_size(seen, letter);
      if (n >= policy.replicas && has_share(policy, group, n))
        return {kind::accepted, n, letter, group};
    }
    if (!can_still_win(policy, seen))
      return {kind::rejected, n, 0, 0};
  }
  return {kind::undecided, letters.size(), 0, 0};
}

/// Visits each way in which `length` answers can be equal or not, in order.
void for_each_partition(std::size_t length,
                        const std::function<void(std::string_view)>& visit) {
  std::function<void(std::string&, char)> grow = [&](std::string& letters,
                                                     char fresh) {
    if (letters.size() == length) {
      visit(letters);
      return;
    }
    for (char letter = 'A'; letter <= fresh; ++letter) {
      letters.push_back(letter);
      grow(letters, letter == fresh ? static_cast<char>(fresh + 1) : fresh);
      letters.pop_back();
    }
  };
  std::string letters;
  grow(letters, 'A');
}

void for_each_policy(
  std::uint32_t most,
  const std::function<void(const verification_policy&)>& visit) {
  for (std::uint32_t replicas = 1; replicas <= most; ++replicas)
    for (auto agreement :
         {500'001, 600'000, 660'000, 666'667, 750'000, 1'000'000})
      visit(policy_of(replicas, most, agreement));
}

} // namespace

TEST_CASE("one replica is accepted at once where one is asked for") {
  auto policy = policy_of(1, 1);
  CHECK(judge(policy, {}).missing == 1);
  auto verdict = judge(policy, answers("A"));
  CHECK(verdict.status == kind::accepted);
  CHECK(verdict.output == output(0));
  CHECK(verdict.agreeing == std::vector<std::uint32_t>{1});
  CHECK(verdict.dissenting.empty());
}

TEST_CASE("two of three are 66 %, and the third is known as the dissenter") {
  auto verdict = judge({}, answers("BAB"));
  CHECK(verdict.status == kind::accepted);
  CHECK(verdict.missing == 0);
  CHECK(verdict.output == output(1));
  CHECK(verdict.agreeing == std::vector<std::uint32_t>{1, 3});
  CHECK(verdict.dissenting == std::vector<std::uint32_t>{2});
}

TEST_CASE("nothing is accepted before the wanted replicas have answered") {
  CHECK(judge({}, {}).missing == 3);
  CHECK(judge({}, answers("A")).missing == 2);
  auto verdict = judge({}, answers("AA"));
  CHECK(verdict.status == kind::undecided);
  CHECK(verdict.missing == 1);
  CHECK(verdict.agreeing.empty());
}

TEST_CASE("three different answers ask for one more at a time") {
  auto verdict = judge({}, answers("ABC"));
  CHECK(verdict.status == kind::undecided);
  CHECK(verdict.missing == 1);
  CHECK(judge({}, answers("ABCA")).missing == 1);
  CHECK(judge({}, answers("ABCAA")).missing == 1);
  verdict = judge({}, answers("ABCAAA"));
  CHECK(verdict.status == kind::accepted);
  CHECK(verdict.agreeing == std::vector<std::uint32_t>{1, 4, 5, 6});
  CHECK(verdict.dissenting == std::vector<std::uint32_t>{2, 3});
}

TEST_CASE("a job is rejected as soon as no answer can win, and blames nobody") {
  // 1 + 3 of 7 are too few; 2 + 3 of 7 would do.
  CHECK(judge({}, answers("ABCD")).status == kind::rejected);
  CHECK(judge({}, answers("ABCA")).status == kind::undecided);
  CHECK(judge({}, answers("ABCAB")).status == kind::rejected);
  auto verdict = judge(policy_of(3, 7, 1'000'000), answers("AB"));
  CHECK(verdict.status == kind::rejected);
  CHECK(verdict.missing == 0);
  CHECK(verdict.output.is_zero());
  CHECK(verdict.agreeing.empty());
  CHECK(verdict.dissenting.empty());
}

TEST_CASE("two outputs level with each other are no agreement") {
  CHECK(judge(policy_of(2, 2, 500'001), answers("AB")).status
        == kind::rejected);
  CHECK(judge(policy_of(2, 3, 500'001), answers("AB")).missing == 1);
  CHECK(judge(policy_of(4, 4, 500'001), answers("ABAB")).status
        == kind::rejected);
}

TEST_CASE("of two answers of one owner only the first counts") {
  auto given = answers("AB");
  given.push_back({3, owner(0), output(1)});
  auto verdict = judge({}, given);
  CHECK(verdict.status == kind::undecided);
  CHECK(verdict.missing == 1);
  given.push_back({4, owner(2), output(0)});
  verdict = judge({}, given);
  CHECK(verdict.status == kind::accepted);
  CHECK(verdict.output == output(0));
  CHECK(verdict.agreeing == std::vector<std::uint32_t>{1, 4});
  CHECK(verdict.dissenting == std::vector<std::uint32_t>{2});
}

TEST_CASE("a verdict stands, whatever comes after it") {
  auto verdict = judge({}, answers("AABBBBB"));
  CHECK(verdict.status == kind::accepted);
  CHECK(verdict.output == output(0));
  CHECK(verdict.agreeing == std::vector<std::uint32_t>{1, 2});
  CHECK(verdict.dissenting == std::vector<std::uint32_t>{3});
  CHECK(judge({}, answers("ABCDAAA")).status == kind::rejected);
}

TEST_CASE(
  "every partition of up to seven answers is judged by the definition") {
  for (std::uint32_t most = 1; most <= 7; ++most)
    for_each_policy(most, [&](const verification_policy& policy) {
      for_each_partition(most, [&](std::string_view letters) {
        for (std::size_t n = 0; n <= letters.size(); ++n) {
          auto given = answers(letters.substr(0, n));
          auto verdict = judge(policy, given);
          auto expected = judge_by_definition(policy, letters.substr(0, n));
          INFO(letters.substr(0, n), " of ", policy.replicas, "..", most,
               " at ", policy.agreement.value);
          REQUIRE(verdict.status == expected.status);
          REQUIRE(verdict.agreeing.size() == expected.agreeing);
          if (expected.status == kind::accepted) {
            auto looked_at =
              verdict.agreeing.size() + verdict.dissenting.size();
            REQUIRE(verdict.output == output(expected.output - 'A'));
            REQUIRE(looked_at == expected.answers);
            REQUIRE(looked_at >= policy.replicas);
            REQUIRE(has_share(policy, verdict.agreeing.size(), looked_at));
          }
          // An undecided job can always have what it asks for.
          if (expected.status == kind::undecided)
            REQUIRE(n + verdict.missing <= most);
          REQUIRE((verdict.missing > 0)
                  == (expected.status == kind::undecided));
        }
      });
    });
}

TEST_CASE("no job ever pays more replicas than the hold covers, nor fewer") {
  CHECK(paid_replicas_max({}) == 4);
  CHECK(paid_replicas_max(policy_of(1, 7)) == 1);
  CHECK(paid_replicas_max(policy_of(5, 5)) == 5);
  for (std::uint32_t most = 1; most <= 8; ++most)
    for_each_policy(most, [&](const verification_policy& policy) {
      std::size_t paid = 0;
      for_each_partition(most, [&](std::string_view letters) {
        paid = std::max(paid, judge_by_definition(policy, letters).agreeing);
      });
      INFO(policy.replicas, "..", most, " at ", policy.agreement.value);
      CHECK(paid_replicas_max(policy) == paid);
    });
}

TEST_CASE("answers repeated by their owners never change a verdict") {
  auto random = random_generator::from_number(11);
  for (int round = 0; round < 2'000; ++round) {
    auto replicas = static_cast<std::uint32_t>(1 + random.below(16));
    auto most = replicas + static_cast<std::uint32_t>(random.below(16));
    auto policy = policy_of(replicas, most);
    std::vector<replica_answer> once;
    std::vector<replica_answer> repeated;
    for (std::uint32_t i = 0; i < most; ++i) {
      auto choice =
        static_cast<int>(random.below(100) < 70 ? 0 : random.below(4));
      once.push_back({i + 1, owner(i), output(choice)});
      repeated.push_back(once.back());
      if (random.chance(300'000))
        repeated.push_back({100 + i, owner(random.below(i + 1)), output(9)});
    }
    auto expected = judge(policy, once);
    auto verdict = judge(policy, repeated);
    CHECK(verdict.status == expected.status);
    CHECK(verdict.missing == expected.missing);
    CHECK(verdict.output == expected.output);
    CHECK(verdict.agreeing == expected.agreeing);
    CHECK(verdict.dissenting == expected.dissenting);
  }
}

TEST_CASE("a policy needs replicas within limits and more than half agreeing") {
  CHECK(is_sound({}));
  CHECK(is_sound(policy_of(64, 64, 1'000'000)));
  CHECK(is_sound(policy_of(1, 1, 500'001)));
  CHECK_FALSE(is_sound(policy_of(0, 7)));
  CHECK_FALSE(is_sound(policy_of(3, 65)));
  CHECK_FALSE(is_sound(policy_of(65, 3)));
  CHECK_FALSE(is_sound(policy_of(3, 7, 500'000)));
  CHECK_FALSE(is_sound(policy_of(3, 7, 1'000'001)));
}
