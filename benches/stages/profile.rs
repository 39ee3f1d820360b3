//! Attributes each instruction of a call to a stage.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::env;
use std::fs;

use addr2line::Loader;
use gatevault_benches::Answer;
use gatevault_benches::instructions::trace;
use nix::sys::ptrace;
use nix::unistd::Pid;

use crate::rules;

/// A function on the stack of an instruction, and the line in it.
pub(crate) struct Frame {
    pub(crate) function: String,
    pub(crate) file: String,
    line: u32,
}

/// The instructions of one call.
pub(crate) struct Profile {
    /// By stage and line.
    counts: BTreeMap<(&'static str, String), u32>,
    /// The cache lines of code that each stage executes.
    cache_lines: BTreeSet<(&'static str, u64)>,
}

impl Profile {
    /// Single-steps a call of this row.
    pub(crate) fn of(group: usize, row: usize) -> Answer<Self> {
        let mut tracer = Tracer {
            symbols: Symbols {
                loader: Loader::new(env::current_exe()?).map_err(|error| error.to_string())?,
                base: 0,
                frames: HashMap::new(),
            },
            calls: Vec::new(),
            last: None,
        };
        let (mut counts, mut cache_lines) = (BTreeMap::new(), BTreeSet::new());
        trace(group, row, |pid| {
            let (place, address) = tracer.place(pid)?;
            cache_lines.insert((place.0, address / CACHE_LINE));
            let count: &mut u32 = counts.entry(place).or_default();
            *count = count.saturating_add(1);
            Ok(())
        })?;
        Ok(Self { counts, cache_lines })
    }

    /// Returns the stages that the call has.
    pub(crate) fn stages(&self) -> impl Iterator<Item = &'static str> {
        self.counts.keys().map(|(stage, _)| *stage)
    }

    /// Returns the instructions of a stage.
    pub(crate) fn count(&self, stage: &str) -> u32 {
        self.counts.iter().filter(|((other, _), _)| *other == stage).map(|(_, count)| count).sum()
    }

    /// Returns the cache lines of code of a stage.
    pub(crate) fn cache_lines(&self, stage: &str) -> usize {
        self.cache_lines.iter().filter(|(other, _)| *other == stage).count()
    }

    /// Returns the cache lines of code of all stages.
    pub(crate) fn all_cache_lines(&self) -> usize {
        self.cache_lines.iter().map(|(_, line)| line).collect::<BTreeSet<_>>().len()
    }

    /// Returns all instructions.
    pub(crate) fn total(&self) -> u32 {
        self.counts.values().sum()
    }

    /// Returns the stages with their lines, those with the most instructions first.
    pub(crate) fn lines(&self) -> Vec<(String, u32)> {
        let mut lines: Vec<_> =
            self.counts.iter().map(|((stage, line), count)| (format!("{stage:45} {line}"), *count)).collect();
        lines.sort_by_key(|(_, count)| Reverse(*count));
        lines
    }
}

/// Follows the calls and returns of the child.
struct Tracer {
    symbols: Symbols,
    /// The stack pointer after each call that has not returned, and the stage of the call.
    calls: Vec<(u64, &'static str)>,
    /// The last instruction, its stack pointer and its stage.
    last: Option<(u64, u64, &'static str)>,
}

impl Tracer {
    /// Returns the stage and the line of the next instruction, and its address.
    fn place(&mut self, pid: Pid) -> Answer<((&'static str, String), u64)> {
        let registers = ptrace::getregs(pid)?;
        let (instruction, stack) = (registers.rip, registers.rsp);
        if let Some((last, last_stack, stage)) = self.last
            && stack == last_stack.wrapping_sub(8)
            && !(last..last.wrapping_add(LONGEST_INSTRUCTION)).contains(&instruction)
        {
            self.calls.push((stack, stage));
        }
        self.calls.truncate(self.calls.iter().position(|(call, _)| *call < stack).unwrap_or(usize::MAX));
        let frames = self.symbols.frames(pid, instruction)?;
        let outer = self.calls.last().map_or(rules::OUTSIDE, |(_, stage)| stage);
        let stage = frames.iter().rev().fold(outer, rules::stage);
        self.last = Some((instruction, stack, stage));
        let line = frames.iter().find(|frame| frame.file.contains("/gatevault/src/"));
        let line = line.map(|Frame { file, line, function }| {
            let file = file.split_once("/gatevault/src/").map_or(&**file, |(_, file)| file);
            format!("{file}:{line} {function}")
        });
        Ok(((stage, line.unwrap_or_default()), instruction))
    }
}

/// The functions of the program.
struct Symbols {
    loader: Loader,
    /// The address at which the child is loaded; zero until it is known.
    base: u64,
    frames: HashMap<u64, Vec<Frame>>,
}

impl Symbols {
    /// Returns the functions of an instruction: the innermost inlined one first. It has none in the C library.
    fn frames(&mut self, pid: Pid, instruction: u64) -> Answer<&[Frame]> {
        if self.base == 0 {
            self.base = base(pid)?;
        }
        let address = instruction.wrapping_sub(self.base);
        Ok(self
            .frames
            .entry(instruction)
            .or_insert_with(|| frames(&self.loader, address).unwrap_or_default()))
    }
}

/// Reads the address at which the program is loaded.
fn base(pid: Pid) -> Answer<u64> {
    let program = env::current_exe()?;
    let maps = fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let first = maps.lines().find(|line| program.to_str().is_some_and(|program| line.ends_with(program)));
    let (start, _) = first.and_then(|line| line.split_once('-')).ok_or("the program is not mapped")?;
    Ok(u64::from_str_radix(start, 16)?)
}

/// Finds the functions of an address.
fn frames(loader: &Loader, address: u64) -> Option<Vec<Frame>> {
    let mut found = loader.find_frames(address).ok()?;
    let mut frames = Vec::new();
    while let Some(frame) = found.next().ok()? {
        let function = frame.function.and_then(|name| Some(name.demangle().ok()?.into_owned()));
        let place = frame.location?;
        frames.push(Frame {
            function: function.unwrap_or_default(),
            file: place.file.unwrap_or_default().to_owned(),
            line: place.line.unwrap_or_default(),
        });
    }
    Some(frames)
}

/// The bytes of a cache line.
const CACHE_LINE: u64 = 64;

/// The longest instruction of x86, in bytes.
const LONGEST_INSTRUCTION: u64 = 16;
