//! Runs the workspace's tests against a PostgreSQL server that lives only as long as the run.

use std::process::ExitCode;

use crate::postgres::guard::Guard;
use crate::process::{Result, run as run_command};
use crate::workspace::cargo;
use crate::{corpus, requirements};

/// The variable from which the tests take the URL of a PostgreSQL superuser's connection.
const URL_VARIABLE: &str = "CONFAB_TEST_POSTGRES_URL";

/// Runs `cargo test` with these arguments, for the whole workspace unless they choose packages, and gives its exit code.
///
/// # Errors
/// When the tests could not be run at all.
pub fn run(arguments: &[String]) -> Result<ExitCode> {
    let code = run_for_code(arguments)?;
    Ok(u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from))
}

/// Runs every test of the workspace.
///
/// # Errors
/// When a test failed, or the tests could not be run at all.
pub fn run_all() -> Result<()> {
    match run_for_code(&[])? {
        0 => Ok(()),
        code => Err(format!("`cargo test` failed (exit code {code})")),
    }
}

fn run_for_code(arguments: &[String]) -> Result<i32> {
    let programs = requirements::ensure()?;
    let notice = corpus::notice_when_absent();
    // Black-box tests start the server's binary, which `cargo test` alone does not build.
    let release = arguments.iter().take_while(|argument| *argument != "--").any(|argument| argument == "--release");
    run_command(cargo().args(["build", "--package", "confab"]).args(release.then_some("--release")))?;

    let postgres = Guard::start(&programs)?;
    print_notice(notice.as_deref());
    let mut tests = cargo();
    tests.arg("test").args(test_arguments(arguments, notice.is_some())).env(URL_VARIABLE, postgres.url());
    let status = tests.status().map_err(|error| format!("`cargo test`: {error}"))?;
    drop(postgres);
    print_notice(notice.as_deref());
    Ok(status.code().unwrap_or(1))
}

fn print_notice(notice: Option<&str>) {
    if let Some(notice) = notice {
        println!("{notice}");
    }
}

fn test_arguments(given: &[String], skip_corpus: bool) -> Vec<String> {
    let mut arguments = given.to_vec();
    let for_cargo = arguments.iter().take_while(|argument| *argument != "--");
    if !for_cargo.into_iter().any(|argument| chooses_packages(argument)) {
        arguments.insert(0, "--workspace".to_owned());
    }
    if skip_corpus {
        if !arguments.iter().any(|argument| argument == "--") {
            arguments.push("--".to_owned());
        }
        arguments.extend(["--skip".to_owned(), corpus::TEST_NAME.to_owned()]);
    }
    arguments
}

fn chooses_packages(argument: &str) -> bool {
    // `--workspace` beside `-p` would win over it.
    argument.starts_with("-p") || argument.starts_with("--package") || argument == "--workspace" || argument == "--all"
}

#[cfg(test)]
mod tests {
    use super::test_arguments;

    fn arguments(given: &str, skip_corpus: bool) -> String {
        let given: Vec<_> = given.split_whitespace().map(str::to_owned).collect();
        test_arguments(&given, skip_corpus).join(" ")
    }

    #[test]
    fn the_whole_workspace_is_tested_unless_packages_are_chosen() {
        assert_eq!(arguments("", false), "--workspace");
        assert_eq!(arguments("some_name", false), "--workspace some_name");
        assert_eq!(arguments("-p xtask", false), "-p xtask");
        assert_eq!(arguments("--package=xtask", false), "--package=xtask");
        assert_eq!(arguments("-- -p", false), "--workspace -- -p");
    }

    #[test]
    fn only_an_absent_corpus_is_skipped() {
        assert_eq!(arguments("", true), "--workspace -- --skip irc_corpus");
        assert_eq!(arguments("-p xtask -- --nocapture", true), "-p xtask -- --nocapture --skip irc_corpus");
    }
}
