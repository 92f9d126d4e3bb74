//! What processes use of the machine, as the kernel counts it.

use std::fs;
use std::time::Duration;

/// The kernel's unit of processor time, `USER_HZ`: a hundredth of a second on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// A process and all that it has started.
#[derive(Debug, Clone, Copy)]
pub struct Tree {
    root: u32,
}

/// Processor time that was used up to a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cpu(Duration);

impl Tree {
    /// The tree of this process.
    pub const fn new(root: u32) -> Self {
        Self { root }
    }

    /// Ourselves.
    pub fn ours() -> Self {
        Self::new(std::process::id())
    }

    /// The processor time so far of those that live, and of those that have ended and were waited for by the root.
    pub fn cpu(self) -> Cpu {
        let mut ticks = 0;
        for process in self.processes() {
            if let Some(fields) = stat(process) {
                let ended = if process == self.root { fields[15 - OFFSET] + fields[16 - OFFSET] } else { 0 };
                ticks += fields[13 - OFFSET] + fields[14 - OFFSET] + ended;
            }
        }
        Cpu(TICK * u32::try_from(ticks).unwrap_or(u32::MAX))
    }

    /// The processor time of this process alone.
    pub fn cpu_alone(self) -> Cpu {
        let ticks = stat(self.root).map_or(0, |fields| fields[13 - OFFSET] + fields[14 - OFFSET]);
        Cpu(TICK * u32::try_from(ticks).unwrap_or(u32::MAX))
    }

    /// The most memory that the process has had, in bytes: its own peak, as the kernel keeps it.
    pub fn peak_memory(self) -> Option<u64> {
        kibibytes(&format!("/proc/{}/status", self.root), "VmHWM:")
    }

    /// The memory of the whole tree now, in bytes: shared pages are counted once (PSS), where we may read that.
    pub fn memory(self) -> Option<u64> {
        let size = |process| kibibytes(&format!("/proc/{process}/smaps_rollup"), "Pss:");
        // Some may end meanwhile.
        let sizes: Vec<u64> = self.processes().into_iter().filter_map(size).collect();
        (!sizes.is_empty()).then(|| sizes.iter().sum())
    }

    fn processes(self) -> Vec<u32> {
        let mut found = vec![self.root];
        let mut next = 0;
        while let Some(process) = found.get(next).copied() {
            found.extend(children(process));
            next += 1;
        }
        found
    }
}

impl Cpu {
    /// The time since then, in seconds.
    pub fn seconds_since(self, earlier: Self) -> f64 {
        self.0.saturating_sub(earlier.0).as_secs_f64()
    }
}

/// The process that has started this one.
pub fn parent(process: u32) -> Option<u32> {
    stat(process).and_then(|fields| u32::try_from(fields[3 - OFFSET]).ok())
}

/// The first field of `stat` that is a number; those before it are the id, the name and the state.
const OFFSET: usize = 3;

/// The numbers of `stat`, from the fourth field on.
fn stat(process: u32) -> Option<Vec<u64>> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name may have anything in it; the last bracket is its end.
    let (_, fields) = text.rsplit_once(')')?;
    // The state is a letter, and some fields may be below zero: neither is wanted.
    let fields: Vec<u64> = fields.split_whitespace().skip(1).map(|field| field.parse().unwrap_or(0)).collect();
    (fields.len() > 16).then_some(fields)
}

fn children(process: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    let texts = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    texts.flat_map(|text| text.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect()
}

fn kibibytes(file: &str, name: &str) -> Option<u64> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_use_is_counted() {
        let before = Tree::ours().cpu_alone();
        let begun = std::time::Instant::now();
        while begun.elapsed() < Duration::from_millis(60) {}
        assert!(Tree::ours().cpu_alone().seconds_since(before) > 0.0);
        assert!(Tree::ours().peak_memory() > Some(1024));
        assert!(parent(std::process::id()).is_some());
    }
}
