# The rules of tools/lint/layers. Plain POSIX awk, so that mawk will do.

BEGIN {
  layer_count = split("protocol sandbox actors runtime tools", order, " ")
  for (i = 1; i <= layer_count; ++i)
    rank[order[i]] = i
  for (i = 1; i < ARGC; ++i)
    exists[ARGV[i]] = 1

  # Third parties that a layer may not know, as prefixes of what stands between
  # the angle brackets. For protocol it is the other way round: see below.
  denied["sandbox"] = "caf/ spdlog/ boost/program_options toml++/ msgpack doctest/"
  denied["actors"] = "spdlog/ boost/ nlohmann/ toml++/ doctest/"
  denied["runtime"] = "doctest/"
  denied["tools"] = "doctest/"

  # What would make the rules depend on when and where they run.
  effects = "thread mutex shared_mutex condition_variable future semaphore " \
    "latch barrier stop_token filesystem fstream iostream random ctime"
  count = split(effects, list, " ")
  for (i = 1; i <= count; ++i)
    has_effects[list[i]] = 1
}

FNR == 1 {
  finish_file()
  file = FILENAME
  split(file, part, "/")
  in_tests = part[1] == "tests"
  layer = in_tests ? part[2] : part[1]
  own_header = file
  if (sub(/\.cpp$/, ".hpp", own_header) == 0 || !(own_header in exists))
    own_header = ""
  includes = 0
  pragma_once = 0
}

function report(line, message) {
  print file ":" line ": " message
  ++findings
}

function finish_file() {
  if (file ~ /\.hpp$/ && !pragma_once)
    report(1, "a header starts with a comment and #pragma once")
}

/^#pragma once/ { pragma_once = 1 }

/^[ \t]*#[ \t]*include[ \t]*"/ {
  split($0, quoted, "\"")
  check_own(quoted[2])
}

/^[ \t]*#[ \t]*include[ \t]*</ {
  target = $0
  sub(/^[^<]*</, "", target)
  sub(/>.*/, "", target)
  check_foreign(target)
}

# Calls that bring time, chance or a terminal into the rules.
layer == "protocol" && !in_tests {
  code = " " $0
  sub(/\/\/.*/, "", code)
  if (code ~ /::now *\(|[^a-z_](clock_gettime|gettimeofday|clock|time) *\(/)
    report(FNR, "protocol reads no clock: take the time as an argument")
  if (code ~ /random_device|randombytes|[^a-z_]s?rand *\(|_keypair *\( *[a-z]*pk/)
    report(FNR, "protocol makes no random numbers: take a generator as an argument")
  if (code ~ /this_thread|getenv *\(|std::(cout|cerr|clog)|[^a-z_]f?printf *\(/)
    report(FNR, "protocol has no effects: threads, environment, terminal")
}

function check_own(target, segment) {
  ++includes
  if (includes == 1 && own_header != "" && target != own_header)
    report(FNR, "the first include is \"" own_header "\", its own header")
  split(target, segment, "/")
  if (in_tests && segment[1] == "tests")
    return
  if (!(segment[1] in rank)) {
    report(FNR, "\"" target "\" does not start at the root with a layer's name")
    return
  }
  if ((layer in rank) && rank[segment[1]] > rank[layer])
    report(FNR, layer " includes \"" target "\", which stands above it")
  # Whoever sees this one can turn signatures into something anybody can make.
  if (target == "protocol/identity/signature_scheme.hpp" && !in_tests \
      && file !~ /^(protocol\/identity|runtime\/sim)\//)
    report(FNR, "\"" target "\" is for runtime/sim alone: nobody else chooses " \
      "how signatures are made")
}

function check_foreign(target, count, list, i) {
  ++includes
  if (includes == 1 && own_header != "")
    report(FNR, "the first include is \"" own_header "\", its own header")
  split(target, segment, "/")
  if (segment[1] in rank)
    report(FNR, "<" target "> is artel's own: use quotes")
  if (in_tests)
    return
  if (layer == "protocol") {
    if (target in has_effects)
      report(FNR, "protocol includes <" target ">: no clock, thread, file, " \
        "random device or terminal here")
    else if (target !~ /^[a-z_]+$/ && target !~ /^(sodium|msgpack)[.\/]/)
      report(FNR, "protocol includes <" target ">: only the standard library, " \
        "msgpack and libsodium are allowed")
    return
  }
  count = split(denied[layer], list, " ")
  for (i = 1; i <= count; ++i)
    if (index(target, list[i]) == 1)
      report(FNR, layer " includes <" target ">, which it may not know")
}

END {
  finish_file()
  exit findings > 0
}
