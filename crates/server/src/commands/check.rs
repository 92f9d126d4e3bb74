//! `confab check`: is this deployment safe?

use std::io::{self, Write as _};

use serde_json::json;

use crate::checks::{self, Finding, Level};
use crate::config::{Config, Profile};
use crate::failure::Failure;

/// Tells all that is found: exit code 0 where production would start on it, 1 where it would not.
///
/// # Errors
/// Where it would not; and where it cannot be told.
pub async fn run(config: &Config, is_deployment: bool, as_json: bool) -> Result<(), Failure> {
    let judged = config.deployment.profile == Profile::Production || is_deployment;
    let mut found = checks::configured(config);
    found.extend(checks::stored(config).await);
    if !judged {
        found.iter_mut().for_each(|finding| finding.level = Level::Warning);
    }
    found.sort_by_key(|finding| finding.level != Level::Error);
    let errors = found.iter().filter(|finding| finding.level == Level::Error).count();
    let text = if as_json { in_json(config, judged, errors, &found) } else { in_text(&found) };
    io::stdout().lock().write_all(text.as_bytes())?;
    let refused = || Failure::other(format_args!("{errors} errors: production does not start on them"));
    if errors > 0 { Err(refused()) } else { Ok(()) }
}

fn in_json(config: &Config, judged: bool, errors: usize, found: &[Finding]) -> String {
    let report = json!({
        "profile": config.deployment.profile,
        "judged_as_production": judged,
        "errors": errors,
        "warnings": found.len() - errors,
        "findings": found,
    });
    format!("{report:#}\n")
}

fn in_text(found: &[Finding]) -> String {
    if found.is_empty() {
        return "nothing found\n".to_owned();
    }
    let line = |finding: &Finding| {
        let level = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
        };
        format!("{level:8}{}: {}\n        {}\n", finding.id, finding.problem, finding.remedy)
    };
    found.iter().map(line).collect()
}
