// The artel command line.
#include "protocol/identity/keys.hpp"
#include "tools/artel/command_line.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/interrupt.hpp"

#include <exception>
#include <string>
#include <vector>

int main(int argc, char** argv) {
  using namespace artel;
  try {
    initialize_crypto();
    tools::survive_closed_pipes();
    return static_cast<int>(
      tools::run_command_line(std::vector<std::string>(argv + 1, argv + argc)));
  } catch (const std::exception& error) {
    // Out of memory, or no more threads: nothing else throws this far.
    tools::tell(error.what());
    return static_cast<int>(tools::exit_code::failure);
  }
}
