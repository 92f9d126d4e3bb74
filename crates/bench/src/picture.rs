//! The picture of the README: messages a second at 64 clients, drawn from the JSON. Plain SVG, which GitHub shows in light
//! and dark.

use std::fmt::Write as _;

use crate::Result;
use crate::pgbench::Script;
use crate::report::{Report, Run};
use crate::stage::{Backend, Kind};

/// The clients that are shown.
const CLIENTS: u32 = 64;

const WIDTH: f64 = 760.0;
const LABELS: f64 = 210.0;
const NUMBERS: f64 = 80.0;
const BAR: f64 = 22.0;
const STEP: f64 = 32.0;
const HEADING: f64 = 34.0;
const MARGIN: f64 = 12.0;

// Seen on white and on near-black alike.
const STYLE: &str = "text{font:14px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}\
     .heading{font-weight:600}.bar{fill:#8c959f}.confab{fill:#0969da}\
     @media (prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#6e7681}.confab{fill:#4493f8}}";

/// One bar.
struct Bar<'a> {
    label: &'static str,
    run: &'a Run,
}

/// Draws it.
///
/// # Errors
/// Where the report has no figures for it.
pub fn draw(report: &Report) -> Result<String> {
    let postgres = bars(report, Backend::Postgres)?;
    let sqlite = bars(report, Backend::Sqlite)?;
    let most = postgres.iter().chain(&sqlite).map(|bar| bar.run.median.per_second).fold(1.0, f64::max);

    let mut body = String::new();
    let mut top = MARGIN;
    for (heading, bars) in [("PostgreSQL", postgres), ("SQLite, synchronous=FULL", sqlite)] {
        write!(body, "<text class=\"heading\" x=\"0\" y=\"{}\">{heading}</text>", top + 16.0)?;
        top += HEADING;
        for bar in bars {
            draw_bar(&mut body, &bar, top, most)?;
            top += STEP;
        }
        top += MARGIN;
    }
    let title = format!("Durable messages a second over HTTP, {CLIENTS} clients");
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {top}\" width=\"{WIDTH}\" height=\"{top}\" \
         role=\"img\" aria-label=\"{title}\"><title>{title}</title><style>{STYLE}</style>{body}</svg>\n"
    ))
}

/// The bars of a database, in the order in which they are shown.
fn bars(report: &Report, backend: Backend) -> Result<Vec<Bar<'_>>> {
    let all = [
        ("pgbench: bare insert", Script::Insert.name()),
        ("pgbench: same statement", Script::Statement.name()),
        ("A transaction per request", Kind::Transactions.name()),
        ("Confab", Kind::Confab.name()),
    ];
    let shown = if backend == Backend::Postgres { &all[..] } else { &all[2..] };
    let bar = |(label, variant): &(&'static str, &str)| {
        let is_it = |run: &&Run| {
            let labels = &run.labels;
            let text = (labels.scenario.as_str(), labels.database.as_str(), labels.variant.as_str());
            text == ("send", backend.name(), *variant) && labels.clients == CLIENTS
        };
        let run = report.runs.iter().find(is_it);
        run.map(|run| Bar { label, run }).ok_or_else(|| format!("no figure for {variant} on {}", backend.name()).into())
    };
    shown.iter().map(bar).collect()
}

fn draw_bar(body: &mut String, bar: &Bar<'_>, top: f64, most: f64) -> Result<()> {
    let per_second = bar.run.median.per_second;
    let width = ((WIDTH - LABELS - NUMBERS) * per_second / most).max(1.0);
    let class = if bar.label == "Confab" { "confab" } else { "bar" };
    let middle = top + BAR / 2.0 + 5.0;
    let number = grouped(per_second);
    write!(
        body,
        "<text x=\"0\" y=\"{middle}\">{}</text>\
         <rect class=\"{class}\" x=\"{LABELS}\" y=\"{top}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"3\"/>\
         <text x=\"{:.1}\" y=\"{middle}\">{number}</text>",
        bar.label,
        LABELS + width + 8.0
    )?;
    Ok(())
}

/// A whole number with its thousands apart.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_apart() {
        assert_eq!(grouped(1_234_567.4), "1,234,567");
        assert_eq!(grouped(999.0), "999");
    }

    #[test]
    fn a_report_without_figures_has_no_picture() {
        let text = r#"{"machine":{"cores":4,"cpu":"","memory_bytes":0,"kernel":"","postgresql":"","rustc":"","commit":""},
            "settings":{"rounds":1,"seconds":1,"pinned":false,"quick":true},"runs":[],"ratios":[]}"#;
        let report: Report = serde_json::from_str(text).unwrap();
        assert!(draw(&report).unwrap_err().to_string().contains("no figure for"));
    }
}
