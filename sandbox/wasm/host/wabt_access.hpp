// What the interpreter needs of wabt's and wabt keeps private: one step at a
// time, so that instructions can be counted, and the bounds of its stacks. An
// explicit instantiation may name private members, and a friend that it defines
// hands them on.
#pragma once

#include <vector>

#include <wabt/interp/interp.h>

namespace artel::wasm {

using wabt::interp::DefinedFunc;
using wabt::interp::Frame;
using wabt::interp::Memory;
using wabt::interp::RunResult;
using wabt::interp::Thread;
using wabt::interp::Trap;
using wabt::interp::Value;

RunResult push_call(Thread& thread, const DefinedFunc& function,
                    Trap::Ptr* trap);
RunResult step(Thread& thread, Trap::Ptr* trap);
std::vector<Frame>& frames(Thread& thread);
std::vector<Value>& values(Thread& thread);
wabt::interp::Buffer& buffer(Memory& memory);

template <
  RunResult (Thread::*PushCall)(const DefinedFunc&, Trap::Ptr*),
  RunResult (Thread::*Step)(Trap::Ptr*), std::vector<Frame> Thread::*Frames,
  std::vector<Value> Thread::*Values, wabt::interp::Buffer Memory::*Buffer>
struct private_members {
  friend RunResult push_call(Thread& thread, const DefinedFunc& function,
                             Trap::Ptr* trap) {
    return (thread.*PushCall)(function, trap);
  }
  friend RunResult step(Thread& thread, Trap::Ptr* trap) {
    return (thread.*Step)(trap);
  }
  friend std::vector<Frame>& frames(Thread& thread) { return thread.*Frames; }
  friend std::vector<Value>& values(Thread& thread) { return thread.*Values; }
  friend wabt::interp::Buffer& buffer(Memory& memory) { return memory.*Buffer; }
};

template struct private_members<&Thread::PushCall, &Thread::StepInternal,
                                &Thread::frames_, &Thread::values_,
                                &Memory::data_>;

} // namespace artel::wasm
