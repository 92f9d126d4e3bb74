//! Reads what `cargo tree --prefix depth` writes.

use crate::process::Result;

/// All dependencies of one package, each by one way that leads to it.
pub struct Tree {
    paths: Vec<Vec<String>>,
}

impl Tree {
    /// Reads lines such as `2serde v1.0.0`: the depth, the name, and what is of no interest here.
    ///
    /// # Errors
    /// When the text does not begin with the package, or a line is of another form.
    pub fn parse(text: &str, package: &str) -> Result<Self> {
        let mut path: Vec<String> = Vec::new();
        let mut paths = Vec::new();
        for line in text.lines() {
            let (depth, name) = parse_line(line).ok_or_else(|| format!("`cargo tree` wrote `{line}`"))?;
            path.truncate(depth);
            path.push(name.to_owned());
            paths.push(path.clone());
        }
        match paths.first().map(Vec::as_slice) {
            Some([first]) if first == package => Ok(Self { paths: paths.split_off(1) }),
            _ => Err(format!("`cargo tree` does not begin with {package}")),
        }
    }

    /// The ways to all dependencies; each begins with the package and ends with the dependency.
    pub fn paths(&self) -> &[Vec<String>] {
        &self.paths
    }
}

fn parse_line(line: &str) -> Option<(usize, &str)> {
    // No package's name begins with a digit.
    let end_of_depth = line.find(|letter: char| !letter.is_ascii_digit())?;
    let (depth, rest) = line.split_at(end_of_depth);
    Some((depth.parse().ok()?, rest.split_whitespace().next()?))
}

#[cfg(test)]
mod tests {
    use super::Tree;

    #[test]
    fn every_dependency_has_its_path() {
        let tree = Tree::parse("0a v0.1.0 (/x)\n1b v1.0.0\n2c2 v1.0.0 (proc-macro)\n1d v1.0.0 (*)\n", "a").unwrap();
        assert_eq!(tree.paths(), [vec!["a", "b"], vec!["a", "b", "c2"], vec!["a", "d"]]);
    }

    #[test]
    fn text_of_another_form_is_refused() {
        for text in ["", "0b v0.1.0\n", "0a v0.1.0\nb v1.0.0\n", "0a v0.1.0\n\n1b v1.0.0\n"] {
            assert!(Tree::parse(text, "a").is_err(), "{text:?}");
        }
    }
}
