use std::fmt;
use std::time::Duration;

use context::CapsetId;
use door_vtest::{ClientReport, Counts, Stats};

use crate::program::End;

/// What `--stats` prints.
pub(crate) struct Summary<'a> {
    /// The program.
    pub(crate) command: &'a str,
    /// How it ended.
    pub(crate) end: End,
    /// From its start to its end.
    pub(crate) elapsed: Duration,
    /// What its connections did.
    pub(crate) stats: &'a Stats,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            command,
            end,
            elapsed,
            stats,
        } = self;
        let seconds = elapsed.as_secs_f64();
        writeln!(f, "paravane: {command}: {end} after {seconds:.2} s")?;
        if stats.clients == 0 {
            return writeln!(f, "  It did not connect: no Vulkan went through Paravane.");
        }
        for report in &stats.reports {
            client(f, report)?;
        }
        let more = stats.clients.saturating_sub(stats.reports.len() as u64);
        if more != 0 {
            writeln!(f, "  {more} more clients")?;
        }
        if stats.clients > 1 {
            writeln!(
                f,
                "  together, {} clients, {} dropped",
                stats.clients, stats.dropped
            )?;
            counts(f, &stats.totals)?;
        }
        Ok(())
    }
}

fn client(f: &mut fmt::Formatter<'_>, report: &ClientReport) -> fmt::Result {
    let capset = match report.capset {
        Some(CapsetId::VENUS) => "Venus".to_owned(),
        Some(CapsetId::VIRGL | CapsetId::VIRGL2) => "virgl".to_owned(),
        Some(other) => format!("capset {other}"),
        None => "no context".to_owned(),
    };
    let pid = report.pid.map(|pid| format!(" (pid {pid})"));
    writeln!(
        f,
        "  {}{}: {capset}, vtest version {}, {:.2} s",
        report.name,
        pid.unwrap_or_default(),
        report.version,
        report.connected.as_secs_f64(),
    )?;
    counts(f, &report.counts)?;
    match &report.dropped {
        Some(reason) => writeln!(f, "    dropped: {reason}"),
        None => Ok(()),
    }
}

fn counts(f: &mut fmt::Formatter<'_>, counts: &Counts) -> fmt::Result {
    let rows = [
        ("requests", counts.requests, None),
        ("contexts", counts.contexts, None),
        ("submissions", counts.submits, Some(counts.command_bytes)),
        ("blobs", counts.blobs, Some(counts.blob_bytes)),
        ("fences", counts.fences, None),
        ("waits", counts.waits, None),
    ];
    for (what, count, bytes) in rows {
        let bytes = bytes.map(|bytes| format!("  {}", Bytes(bytes)));
        writeln!(f, "    {what:<12}{count:>10}{}", bytes.unwrap_or_default())?;
    }
    Ok(())
}

/// A number of bytes, for people.
struct Bytes(u64);

impl fmt::Display for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = ["KiB", "MiB", "GiB", "TiB"];
        let mut value = self.0 as f64;
        let mut unit = None;
        for next in units {
            if value < 1024.0 {
                break;
            }
            value /= 1024.0;
            unit = Some(next);
        }
        match unit {
            None => write!(f, "{} bytes", self.0),
            Some(unit) => write!(f, "{value:.1} {unit}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(stats: &Stats) -> String {
        let summary = Summary {
            command: "vkcube",
            end: End::Exited(0),
            elapsed: Duration::from_millis(1500),
            stats,
        };
        summary.to_string()
    }

    #[test]
    fn a_program_without_vulkan_is_told_apart() {
        assert_eq!(
            print(&Stats::default()),
            "paravane: vkcube: exit status 0 after 1.50 s\n  \
             It did not connect: no Vulkan went through Paravane.\n"
        );
    }

    #[test]
    fn each_client_has_its_lines() {
        let counts = Counts {
            requests: 100,
            contexts: 1,
            submits: 7,
            command_bytes: 1023,
            blobs: 3,
            blob_bytes: 5 << 20,
            fences: 2,
            waits: 1,
        };
        let report = ClientReport {
            name: "vkcube".into(),
            pid: Some(12),
            version: 4,
            capset: Some(CapsetId::VENUS),
            counts,
            connected: Duration::from_secs(1),
            dropped: Some("no sync 5".into()),
        };
        let stats = Stats {
            clients: 2,
            dropped: 1,
            totals: counts,
            reports: vec![report],
        };
        let expected = "\
paravane: vkcube: exit status 0 after 1.50 s
  vkcube (pid 12): Venus, vtest version 4, 1.00 s
    requests           100
    contexts             1
    submissions          7  1023 bytes
    blobs                3  5.0 MiB
    fences               2
    waits                1
    dropped: no sync 5
  1 more clients
  together, 2 clients, 1 dropped
    requests           100
    contexts             1
    submissions          7  1023 bytes
    blobs                3  5.0 MiB
    fences               2
    waits                1
";
        assert_eq!(print(&stats), expected);
    }
}
