// From the words of a task file to a task that can be run.
#include "runtime/config/task_file.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "protocol/task/message_text.hpp"
#include "runtime/config/input_files.hpp"
#include "runtime/config/input_urls.hpp"
#include "runtime/config/name_suggestion.hpp"
#include "runtime/config/utf8_text.hpp"
#include "sandbox/bundle/bundle_packer.hpp"
#include "sandbox/bundle/cache_directory.hpp"
#include "sandbox/kernels/kernels.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace artel::runtime {

namespace {

/// Jobs that a range or a file's lines make where the task does not say: the
/// same on every machine, and enough to keep a few dozen workers busy.
constexpr std::uint64_t chunks_default = 100;

/// A field that takes its value from another one unless it is given itself.
struct derived_field {
  std::string_view field;
  std::string_view origin;
};

constexpr std::array<derived_field, 4> derived_fields{{
  {"requirements.ram", "limits.memory"},
  {"requirements.disk", "limits.work_directory"},
  {"limits.cpu_time", "limits.wall_time"},
  {"verification.replicas_max", "verification.replicas"},
}};

/// A field that is judged by what another one says. Where that one could not be
/// read, nothing is known of this one.
constexpr std::array<derived_field, 5> judged_fields{{
  {"sandbox.tier", "sandbox.type"},
  {"sandbox.nan", "sandbox.type"},
  {"limits.fuel", "sandbox.type"},
  {"limits.fuel", "sandbox.tier"},
  {"limits.output_files", "limits.stdout"},
}};

class preparation {
public:
  preparation(const task_description& task,
              std::vector<config_problem>& problems)
    : task_(task),
      problems_(problems) {}

  void run(const task_source* known_source);

  submission take() { return std::move(result_); }

private:
  void prepare_input();
  void prepare_range();
  void prepare_files();
  void prepare_lines();
  void prepare_urls();
  std::uint64_t chunks_of(std::uint64_t amount);
  void prepare_code();
  void prepare_kernel(const std::string& name);
  void check_kernel(const sandbox::kernel_info& kernel);
  void prepare_rootfs();
  sandbox_terms terms_for(sandbox_kind kind) const;
  bool can_pack(const std::string& section, const std::string& sandbox_field,
                sandbox_kind kind);
  code_ref pack(const std::string& section, sandbox::pack_request request);
  void prepare_reduce();
  void fill_open_settings();
  void check_texts();
  void tell(const std::string& field, errc code, const std::string& message);
  bool is_told(const std::string& field) const;
  bool is_unsound(const std::string& field) const;

  const task_description& task_;
  std::vector<config_problem>& problems_;
  /// Fields that this preparation told a problem of.
  std::set<std::string> told_;
  /// The tar file of [sandbox], for a container.
  bytes rootfs_;
  submission result_;
};

void preparation::tell(const std::string& field, errc code,
                       const std::string& message) {
  told_.insert(field);
  auto place = task_.places.find(field);
  auto section = task_.places.find(field.substr(0, field.find('.')));
  if (place != task_.places.end() && place->second.starts_with("-"))
    problems_.push_back({place->second, code, message});
  else if (place != task_.places.end())
    problems_.push_back({place->second, code, field + ": " + message});
  else if (section != task_.places.end())
    problems_.push_back({section->second, code, field + ": " + message});
  else
    problems_.push_back({task_.file_name, code, field + ": " + message});
}

/// Whether something about the field, its section, or any field of the section
/// that it names was told already: then it only follows from that.
bool preparation::is_told(const std::string& field) const {
  auto knows = [&field](const std::set<std::string>& fields) {
    auto section = field.substr(0, field.find('.'));
    if (fields.contains(field) || fields.contains(section))
      return true;
    // The input's parts replace each other, so that a flaw in one is why
    // another is missed; likewise those of the code.
    auto is_alternative = field == "input" || field == "input.range"
                          || field == "input.files" || field == "input.lines"
                          || field == "input.urls" || field == "code.program"
                          || field == "reduce.op";
    return is_alternative
           && std::any_of(fields.begin(), fields.end(), [&](const auto& one) {
                return one.starts_with(section + ".");
              });
  };
  auto origin =
    std::find_if(derived_fields.begin(), derived_fields.end(),
                 [&field](const auto& one) { return one.field == field; });
  if (origin != derived_fields.end() && !task_.places.contains(field)
      && is_told(std::string{origin->origin}))
    return true;
  for (const auto& [judged, by] : judged_fields)
    if (judged == field && is_unsound(std::string{by}))
      return true;
  return knows(task_.unsound) || knows(told_);
}

/// Whether the field or its section could not be read.
bool preparation::is_unsound(const std::string& field) const {
  return task_.unsound.contains(field)
         || task_.unsound.contains(field.substr(0, field.find('.')));
}

void preparation::run(const task_source* known_source) {
  result_.spec = task_.settings;
  check_texts();
  if (known_source != nullptr)
    result_.spec.source = *known_source;
  else
    prepare_input();
  prepare_rootfs();
  prepare_code();
  prepare_reduce();
  fill_open_settings();
  for (const auto& problem : validate(result_.spec))
    if (!is_told(problem.field))
      tell(problem.field, problem.code, problem.message);
}

// -- input --------------------------------------------------------------------

void preparation::prepare_input() {
  auto given = int{task_.range.has_value()} + int{!task_.files.empty()}
               + int{task_.lines.has_value()} + int{!task_.urls.empty()};
  if (given > 1) {
    tell("input", errc::invalid_argument,
         "more than one of range, files, lines and urls given; expected one");
    return;
  }
  if (task_.chunks && task_.chunk_size) {
    tell("input.chunk_size", errc::invalid_argument,
         "chunks and chunk_size given; expected one of them");
    return;
  }
  if (task_.chunk_size == 0) {
    tell("input.chunk_size", errc::out_of_range,
         "0 given; expected a number from 1");
    return;
  }
  if (task_.range) {
    prepare_range();
  } else if (!task_.files.empty()) {
    prepare_files();
  } else if (task_.lines) {
    prepare_lines();
  } else if (!task_.urls.empty()) {
    prepare_urls();
  } else {
    if (task_.chunk_size)
      tell("input.chunk_size", errc::invalid_argument,
           "there is no input to cut; expected a range or lines");
    result_.spec.source.chunks = task_.chunks.value_or(1);
  }
}

/// As many as the task wants for so much input.
std::uint64_t preparation::chunks_of(std::uint64_t amount) {
  if (task_.chunk_size)
    return amount / *task_.chunk_size + (amount % *task_.chunk_size != 0);
  // What was given is validated; what was not need not exceed the input.
  return task_.chunks.value_or(std::min(chunks_default, amount));
}

void preparation::prepare_range() {
  auto range = parse_range(*task_.range);
  if (!range) {
    tell("input.range", range.error().code, range.error().message);
    return;
  }
  auto& source = result_.spec.source;
  source.kind = source_kind::range;
  source.first = range->first;
  source.last = range->last;
  // A reversed range is told by validation.
  auto numbers = range->first > range->last ? 1
                 : range->last - range->first >= limits::range_value_max
                   ? limits::range_value_max
                   : range->last - range->first + 1;
  source.chunks = chunks_of(numbers);
}

void preparation::prepare_files() {
  if (task_.chunks || task_.chunk_size) {
    tell(task_.chunks ? "input.chunks" : "input.chunk_size",
         errc::invalid_argument,
         "files are one job each; expected neither chunks nor chunk_size");
    return;
  }
  auto files = find_files(task_.files, task_.directory);
  if (!files) {
    tell("input.files", files.error().code, files.error().message);
    return;
  }
  result_.spec.source.kind = source_kind::files;
  result_.spec.source.files = std::move(*files);
}

/// One job a URL. Fetched now, so that all that is wrong is told at once.
void preparation::prepare_urls() {
  if (task_.chunks || task_.chunk_size) {
    tell(task_.chunks ? "input.chunks" : "input.chunk_size",
         errc::invalid_argument,
         "URLs are one job each; expected neither chunks nor chunk_size");
    return;
  }
  auto cache = sandbox::default_cache_directory();
  if (!cache) {
    tell("input.urls", cache.error().code, cache.error().message);
    return;
  }
  auto& source = result_.spec.source;
  for (const auto& text : task_.urls) {
    auto input = parse_input_url(text);
    auto file = input ? fetch_input(*input, *cache, get_url)
                      : result<source_file>{input.error()};
    if (file) {
      source.files.push_back(std::move(*file));
      continue;
    }
    // Either the task or who serves it is wrong about the input.
    auto code = file.error().code;
    tell("input.urls",
         code == errc::bad_signature ? errc::invalid_argument : code,
         file.error().message);
  }
  source.kind = source_kind::files;
}

void preparation::prepare_lines() {
  if (task_.chunks == 0) {
    tell("input.chunks", errc::out_of_range,
         "0 given; expected a number from 1");
    return;
  }
  auto pieces =
    cut_lines(*task_.lines, task_.directory,
              task_.chunks.value_or(chunks_default), task_.chunk_size);
  if (!pieces) {
    tell("input.lines", pieces.error().code, pieces.error().message);
    return;
  }
  auto& source = result_.spec.source;
  source.kind = source_kind::lines;
  source.chunks =
    std::max<std::uint64_t>(task_.chunks.value_or(pieces->offsets.size()), 1);
  source.files = {std::move(pieces->file)};
  source.line_offsets = std::move(pieces->offsets);
}

// -- code ---------------------------------------------------------------------

void preparation::prepare_code() {
  if (task_.kernel && task_.program) {
    tell("code.kernel", errc::invalid_argument,
         "kernel and program given; expected one of them");
    return;
  }
  auto kind = task_.sandbox.kind;
  if (task_.kernel) {
    prepare_kernel(*task_.kernel);
  } else if (task_.program && can_pack("code", "sandbox.type", kind)) {
    sandbox::pack_request request;
    request.program = *task_.program;
    request.sandbox = kind;
    request.arguments = task_.arguments;
    request.files = task_.extra_files;
    request.directory = task_.directory;
    request.standard_input = to_bytes(task_.standard_input.value_or(""));
    result_.spec.code = pack("code", std::move(request));
  }
  result_.spec.code.sandbox = terms_for(kind);
}

void preparation::prepare_kernel(const std::string& name) {
  const auto& all = sandbox::kernels();
  auto found = std::find_if(all.begin(), all.end(), [&name](const auto& one) {
    return one.name == name;
  });
  if (found == all.end()) {
    std::vector<std::string_view> names;
    for (const auto& one : all)
      names.push_back(one.name);
    auto message = artel::quoted(name) + " is not a kernel";
    if (auto meant = nearest_name(name, names); !meant.empty())
      message += "; did you mean '" + std::string{meant} + "'?";
    message += "; there are";
    for (const auto& one : names)
      message += (one == names.front() ? " " : ", ") + std::string{one};
    tell("code.kernel", errc::not_found, message);
    return;
  }
  result_.spec.code.kernel = name;
  result_.spec.code.kernel_arguments = task_.arguments;
  check_kernel(*found);
}

void preparation::check_kernel(const sandbox::kernel_info& kernel) {
  std::string name{kernel.name};
  if (!task_.extra_files.empty() || task_.standard_input)
    tell("code.kernel", errc::invalid_argument,
         "a kernel takes neither files nor stdin");
  if (auto sound = sandbox::check_kernel_arguments(name, task_.arguments);
      !sound)
    tell("code.args", sound.error().code, sound.error().message);
  if (task_.sandbox.kind != sandbox_kind::process)
    tell("sandbox.type", errc::invalid_argument,
         std::string{to_string(task_.sandbox.kind)}
           + " given, but a kernel is part of artel and runs in no sandbox;"
             " expected a program, or no sandbox");
  auto has_data =
    !task_.files.empty() || task_.lines.has_value() || !task_.urls.empty();
  auto given = task_.range ? input_kind::range
               : has_data  ? input_kind::data
                           : input_kind::none;
  if (!kernel.accepts(given) && !is_told("input.range"))
    tell("input.range", errc::invalid_argument,
         "kernel " + name + " computes over numbers; expected a range"
           + (kernel.reads_data ? ", or files or lines of numbers" : ""));
}

/// One root file system serves every container of the task.
void preparation::prepare_rootfs() {
  if (!task_.rootfs)
    return;
  auto is_container = [](bool has_program, sandbox_kind kind) {
    return has_program && kind == sandbox_kind::container;
  };
  if (is_container(task_.program.has_value(), task_.sandbox.kind)
      || is_container(task_.reduce_program.has_value(), task_.reduce_sandbox)) {
    auto tar = sandbox::read_rootfs(task_.directory, *task_.rootfs);
    if (tar)
      rootfs_ = std::move(*tar);
    else
      tell("sandbox.rootfs", tar.error().code, tar.error().message);
  } else if (!is_unsound("sandbox.type") && !is_unsound("reduce.sandbox")) {
    tell("sandbox.rootfs", errc::invalid_argument,
         artel::quoted(*task_.rootfs)
           + " given, but no program runs in the sandbox container; expected"
             " type = \"container\", or no root file system");
  }
}

/// Tier and NaNs are those of whatever program is a module. Where none is, they
/// stay, for validation to tell.
sandbox_terms preparation::terms_for(sandbox_kind kind) const {
  auto terms = task_.sandbox;
  terms.kind = kind;
  auto has_module =
    task_.sandbox.kind == sandbox_kind::wasm
    || (task_.reduce_program && task_.reduce_sandbox == sandbox_kind::wasm);
  return has_module && kind != sandbox_kind::wasm ? sandbox_terms{kind} : terms;
}

/// What a program must be is only known with its sandbox. Where that was told
/// wrong, so is the program, in a way.
bool preparation::can_pack(const std::string& section,
                           const std::string& sandbox_field,
                           sandbox_kind kind) {
  auto is_known =
    !is_unsound(sandbox_field)
    && (kind != sandbox_kind::container || !is_told("sandbox.rootfs"));
  if (!is_known)
    told_.insert(section + ".program");
  return is_known;
}

code_ref preparation::pack(const std::string& section,
                           sandbox::pack_request request) {
  if (request.sandbox == sandbox_kind::container)
    request.rootfs = rootfs_;
  auto bundle = sandbox::pack_bundle(request);
  if (!bundle) {
    tell(section + ".program", bundle.error().code, bundle.error().message);
    return {};
  }
  if (request.sandbox == sandbox_kind::wasm && takes_file_argument(*bundle))
    tell(section + ".args", errc::invalid_argument,
         "{file} given, but a WebAssembly module sees no files; leave it out:"
         " the job's data comes on standard input");
  code_ref code;
  code.bundle = hash_of(*bundle);
  code.bundle_bytes = encode_bundle(*bundle).size();
  // The same program may map and reduce.
  auto known = std::any_of(
    result_.bundles.begin(), result_.bundles.end(),
    [&code](const auto& one) { return hash_of(*one) == code.bundle; });
  if (!known)
    result_.bundles.push_back(
      std::make_shared<const code_bundle>(std::move(*bundle)));
  return code;
}

void preparation::prepare_reduce() {
  if (!task_.reduce_program) {
    result_.spec.reduce = task_.reduce.value_or(reduce_operation::none);
    if (!task_.reduce_arguments.empty() || !task_.reduce_files.empty())
      tell("reduce.program", errc::invalid_argument,
           "args or files given, but no program that they belong to");
    if (task_.reduce_sandbox != sandbox_kind::process)
      tell("reduce.sandbox", errc::invalid_argument,
           std::string{to_string(task_.reduce_sandbox)}
             + " given, but no program that runs in it");
    return;
  }
  result_.spec.reduce = task_.reduce.value_or(reduce_operation::program);
  auto kind = task_.reduce_sandbox;
  if (!can_pack("reduce", "reduce.sandbox", kind))
    return;
  sandbox::pack_request request;
  request.program = *task_.reduce_program;
  request.sandbox = kind;
  request.arguments = task_.reduce_arguments;
  request.files = task_.reduce_files;
  request.directory = task_.directory;
  result_.spec.reduce_code = pack("reduce", std::move(request));
  result_.spec.reduce_code.sandbox = terms_for(kind);
}

// -- the rest -----------------------------------------------------------------

void preparation::fill_open_settings() {
  auto& spec = result_.spec;
  spec.name = task_.name;
  if (spec.name.empty() && !task_.file_name.empty())
    spec.name = std::filesystem::path{task_.file_name}.stem().string();
  if (spec.name.empty() && task_.kernel)
    spec.name = *task_.kernel;
  if (spec.name.empty() && task_.program)
    spec.name = file_name_of(*task_.program);
  if (spec.name.empty())
    spec.name = "task";
  auto reduces = spec.reduce != reduce_operation::none;
  if (task_.type)
    spec.type = *task_.type;
  else if (task_.range && reduces)
    spec.type = task_type::range_reduce;
  else if (task_.range || task_.lines || !task_.files.empty()
           || !task_.urls.empty())
    spec.type = reduces ? task_type::map_reduce : task_type::map;
  else
    spec.type = task_type::run;
}

/// Command lines may bring any bytes; records of a task hold text.
void preparation::check_texts() {
  auto check = [this](const std::string& field, std::string_view text) {
    if (!is_utf8(text))
      tell(field, errc::invalid_argument,
           artel::quoted(text) + " is not UTF-8 text");
  };
  auto check_all = [&check](const std::string& field, const auto& texts) {
    for (const auto& one : texts)
      check(field, one);
  };
  check("task.name", task_.name);
  check("input.lines", task_.lines.value_or(""));
  check("code.program", task_.program.value_or(""));
  check("reduce.program", task_.reduce_program.value_or(""));
  check_all("input.files", task_.files);
  check_all("input.urls", task_.urls);
  check_all("code.args", task_.arguments);
  check_all("code.files", task_.extra_files);
}

} // namespace

std::optional<submission> prepare(const task_description& task,
                                  std::vector<config_problem>& problems,
                                  const task_source* known_source) {
  preparation work{task, problems};
  work.run(known_source);
  if (!problems.empty())
    return std::nullopt;
  return work.take();
}

} // namespace artel::runtime
