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
    /// What has happened, in order: what was said, and who came and went meanwhile.
    pub happenings: Vec<Happening>,
}

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// Somebody said something.
    Said(Line),
    /// Somebody came.
    Joined(String),
    /// Somebody went.
    Left(String),
    /// Somebody has another name from then on.
    Renamed(String, String),
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
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            Conversation {
                name: path.file_name().unwrap().to_string_lossy().into_owned(),
                lines: text.split('\n').filter_map(parse).collect(),
                happenings: text.split('\n').filter_map(happening).collect(),
            }
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

/// What a line tells: a message, or one of the notices `=== nick [host]  has joined #channel`, `… has left #channel` and
/// `=== nick is now known as other`.
fn happening(line: &str) -> Option<Happening> {
    if let Some(said) = parse(line) {
        return Some(Happening::Said(said));
    }
    let (nick, rest) = line.strip_prefix("=== ")?.split_once(' ')?;
    if let Some(other) = rest.strip_prefix("is now known as ") {
        return Some(Happening::Renamed(nick.to_owned(), other.to_owned()));
    }
    let (_, what) = rest.strip_prefix('[')?.split_once("]  has ")?;
    match what.split_once(" #")? {
        ("joined", _) => Some(Happening::Joined(nick.to_owned())),
        ("left", _) => Some(Happening::Left(nick.to_owned())),
        _ => None,
    }
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

    #[test]
    fn notices_tell_who_comes_and_goes() {
        let joined = happening("=== a|b [~c@d.example]  has joined #ubuntu");
        assert_eq!(joined, Some(Happening::Joined("a|b".to_owned())));
        let left = happening("=== a [~c@d.example]  has left #Ubuntu [\"bye\"]");
        assert_eq!(left, Some(Happening::Left("a".to_owned())));
        let renamed = happening("=== a is now known as b");
        assert_eq!(renamed, Some(Happening::Renamed("a".to_owned(), "b".to_owned())));
        assert!(matches!(happening("[09:14]  * a waves"), Some(Happening::Said(_))));
        assert_eq!(happening("=== sid77 hi"), None);
    }
}
