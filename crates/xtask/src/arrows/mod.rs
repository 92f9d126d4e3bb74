//! Which crate may depend on which: checked over `cargo tree`, by the table in `rules`.

mod rules;
mod tree;

use std::collections::BTreeSet;

use self::rules::{FREE, RULES};
use self::tree::Tree;
use crate::process::{Result, output};
use crate::workspace::cargo;

/// Edges that the rules forbid: the check must refuse each of them, or it can refuse nothing.
const FORBIDDEN: [(&str, &str); 6] = [
    ("confab-domain", "1tokio v1.0.0"),
    ("confab-domain", "1serde v1.0.0"),
    ("confab-domain", "1rand v0.9.0"),
    ("confab-application", "2utoipa v6.0.0"),
    ("confab-http", "3sea-orm v2.0.0"),
    ("confab-memory", "1confab-persistence v0.1.0"),
];

/// Checks every crate of the workspace.
///
/// # Errors
/// Names each dependency that is against the rules, and each crate that has none; or says that the check itself is broken.
pub fn check() -> Result<()> {
    let members = members()?;
    let mut violations = without_rule(&members);
    for rule in RULES {
        violations.extend(rule.violations(&dependencies(rule.package)?, &members));
    }
    if !violations.is_empty() {
        return Err(format!("dependencies against the rules:\n  {}", violations.join("\n  ")));
    }
    control(&members)?;
    println!("{} crates obey their rules; control: {} forbidden edges were refused", RULES.len(), FORBIDDEN.len());
    Ok(())
}

/// The positive control: adds each forbidden edge to the true dependencies, and wants to see it refused.
fn control(members: &BTreeSet<String>) -> Result<()> {
    for (package, edge) in FORBIDDEN {
        let rule = RULES.iter().find(|rule| rule.package == package).ok_or(format!("{package} has no rule"))?;
        let tree = Tree::parse(&format!("{}{edge}\n", tree_text(package)?), package)?;
        if rule.violations(&tree, members).is_empty() {
            return Err(format!("the check is broken: it does not refuse `{edge}` under {package}"));
        }
    }
    Ok(())
}

fn without_rule(members: &BTreeSet<String>) -> Vec<String> {
    let ruled = |member: &str| FREE.contains(&member) || RULES.iter().any(|rule| rule.package == member);
    members.iter().filter(|member| !ruled(member)).map(|member| format!("{member} has no rule")).collect()
}

fn members() -> Result<BTreeSet<String>> {
    let text = output(cargo().args(["tree", "--workspace", "--depth", "0", "--prefix", "none", "--color", "never"]))?;
    Ok(text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect())
}

fn dependencies(package: &str) -> Result<Tree> {
    Tree::parse(&tree_text(package)?, package)
}

fn tree_text(package: &str) -> Result<String> {
    // Normal dependencies only, on this platform, and the optional ones too.
    output(
        cargo()
            .args(["tree", "--package", package, "--edges", "normal", "--all-features"])
            .args(["--prefix", "depth", "--color", "never"]),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members() -> BTreeSet<String> {
        RULES.iter().map(|rule| rule.package.to_owned()).collect()
    }

    fn violations(package: &'static str, text: &str) -> Vec<String> {
        let rule = RULES.iter().find(|rule| rule.package == package).unwrap();
        rule.violations(&Tree::parse(text, package).unwrap(), &members())
    }

    #[test]
    fn a_crate_that_obeys_is_accepted() {
        let text = "0confab-domain v0.1.0 (/x)\n1phonenumber v0.3.10\n2serde v1.0.0\n1uuid v1.29.0\n";
        assert_eq!(violations("confab-domain", text), Vec::<String>::new());
    }

    #[test]
    fn each_forbidden_edge_is_refused_by_itself() {
        for (package, edge) in FORBIDDEN {
            let good = format!("0{package} v0.1.0 (/x)\n1uuid v1.0.0\n2cfg-if v1.0.0\n");
            assert_eq!(violations(package, &good), Vec::<String>::new());
            assert_eq!(violations(package, &format!("{good}{edge}\n")).len(), 1, "{package} {edge}");
        }
    }

    #[test]
    fn a_violation_names_the_way_to_it() {
        let text = "0confab-http v0.1.0 (/x)\n1serde v1.0.0\n1middle v1.0.0\n2sqlx-core v0.9.0\n";
        assert_eq!(
            violations("confab-http", text),
            ["confab-http must never see sqlx-core (confab-http -> middle -> sqlx-core)"]
        );
    }

    #[test]
    fn a_crate_without_a_rule_is_refused() {
        let members = ["confab-domain", "confab-new", "xtask"].map(str::to_owned).into();
        assert_eq!(without_rule(&members), ["confab-new has no rule"]);
    }
}
