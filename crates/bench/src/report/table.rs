//! The report for people.

use super::{Figures, Report};

/// Prints it.
pub fn print(report: &Report) {
    let machine = &report.machine;
    let gib = machine.memory_bytes as f64 / f64::from(1 << 30);
    println!("\n{} cores of {}, {gib:.1} GiB, Linux {}", machine.cores, machine.cpu, machine.kernel);
    println!("{}, {}, commit {}", machine.postgresql, machine.rustc, machine.commit);
    let settings = &report.settings;
    let pinned = if settings.pinned { "kept on the last core" } else { "not pinned" };
    println!(
        "Medians of {} rounds of {} s each. The driver's load runs on one thread, {pinned}; server and database share the \
         cores with it. CPU is in cores kept busy, of server / database / driver; memory in MiB.",
        settings.rounds, settings.seconds
    );
    if settings.quick {
        println!("This was a quick run: it shows that the machinery works, and its figures mean little.");
    }
    println!(
        "\n{:<9}{:<11}{:<26}{:>7}{:>9}{:>10}{:>9}{:>9}{:>9}{:>9}{:>9}{:>7}  {:<16}memory",
        "scenario",
        "database",
        "variant",
        "clients",
        "messages",
        "per s",
        "p50 ms",
        "p90",
        "p99",
        "p99.9",
        "max",
        "errors",
        "CPU"
    );
    for run in &report.runs {
        let (labels, median) = (&run.labels, &run.median);
        println!(
            "{:<9}{:<11}{:<26}{:>7}{:>9}{:>10.0}{:>9.2}{:>9.2}{:>9.2}{:>9.2}{:>9.1}{:>7}  {:<16}{}",
            labels.scenario,
            labels.database,
            labels.variant,
            labels.clients,
            labels.messages,
            median.per_second,
            median.p50_ms,
            median.p90_ms,
            median.p99_ms,
            median.p999_ms,
            median.max_ms,
            median.errors,
            cores(median),
            memory(median)
        );
    }
    println!("\n{:<84}{:>10}{:>12}  met", "what it must show", "is", "wanted");
    for ratio in &report.ratios {
        let sign = if ratio.at_least { "≥" } else { "≤" };
        let met = if ratio.met { "yes" } else { "NO" };
        println!("{:<84}{:>10}{:>12}  {met}", ratio.name, ratio.value, format!("{sign} {}", ratio.target));
    }
}

fn cores(figures: &Figures) -> String {
    let all = [figures.server_cores, figures.database_cores, figures.driver_cores];
    all.map(|cores| cores.map_or_else(|| "–".to_owned(), |cores| format!("{cores:.2}"))).join("/")
}

fn memory(figures: &Figures) -> String {
    let all = [figures.server_mib, figures.database_mib, figures.driver_mib];
    all.map(|mib| mib.map_or_else(|| "–".to_owned(), |mib| format!("{mib:.0}"))).join("/")
}
