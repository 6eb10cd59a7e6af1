#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "protocol/identity/keys.hpp"

int main(int count, char** arguments) {
  artel::initialize_crypto();
  return doctest::Context{count, arguments}.run();
}
