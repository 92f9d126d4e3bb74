//! Real conversations: logs of an IRC channel, in the folder that `CONFAB_IRC_CORPUS` names, or else in
//! `../shared/data/irc` beside the repository.

use std::path::{Path, PathBuf};

/// One conversation.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// The name of its file.
    pub name: String,
    /// What was said, in order.
    pub lines: Vec<Line>,
}

/// What one person said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Who said it.
    pub nick: String,
    /// What they said.
    pub text: String,
}

/// All the conversations.
///
/// # Panics
/// Where the folder is not there.
pub fn corpus() -> Vec<Conversation> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/irc");
    let folder = std::env::var_os("CONFAB_IRC_CORPUS").map_or(beside, PathBuf::from);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| {
        panic!("this test reads real conversations from {}, which is not there: {error}", folder.display())
    });
    let mut conversations: Vec<Conversation> = files
        .map(|file| file.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".raw.txt"))
        .map(|path| Conversation {
            name: path.file_name().unwrap().to_string_lossy().into_owned(),
            lines: std::fs::read_to_string(&path).unwrap().split('\n').filter_map(parse).collect(),
        })
        .collect();
    conversations.sort_by(|one, other| one.name.cmp(&other.name));
    conversations
}

/// A message (`[09:14] <nick> text`) or an action (`[09:14]  * nick text`); none for a notice, or for the two lines
/// on which nothing was said.
fn parse(line: &str) -> Option<Line> {
    let rest = line.strip_prefix('[')?.get(5..)?.strip_prefix("] ")?;
    let (nick, text) = match rest.strip_prefix('<') {
        Some(message) => message.split_once("> ")?,
        None => rest.strip_prefix(" * ")?.split_once(' ')?,
    };
    Some(Line { nick: nick.trim().to_owned(), text: text.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_and_actions_are_lines_and_notices_are_not() {
        let line = |nick: &str, text: &str| Some(Line { nick: nick.to_owned(), text: text.to_owned() });
        assert_eq!(parse("[09:14] <a|b> c: > d "), line("a|b", "c: > d "));
        assert_eq!(parse("[09:14]  * a waves"), line("a", "waves"));
        assert_eq!(parse("=== a [~b@c]  has joined #ubuntu"), None);
        assert_eq!(parse(""), None);
    }
}
