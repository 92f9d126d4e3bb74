//! Texts come back byte for byte.

use confab_domain::{MessageBody, Title};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::expect::{list_all, read_all};
use crate::Adapter;
use crate::testing::World;

/// Stores texts as messages, 500 in each transaction, and asserts that they come back.
async fn round_trip(store: Adapter, texts: &[String]) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let group = world.group(&[&ada]).await;
    for some in texts.chunks(500) {
        world.post(group.id, &ada, &some.iter().map(String::as_str).collect::<Vec<_>>()).await;
    }
    let read = read_all(world.store(), ada.id, group.id).await;
    assert_eq!(read.len(), texts.len());
    for (view, text) in read.iter().zip(texts) {
        assert_eq!(view.message.body().as_bytes(), text.as_bytes(), "{text:?}");
    }
}

/// Texts that storage, drivers and query builders are known to mangle.
pub async fn tricky_texts_come_back_byte_for_byte(store: Adapter) {
    let mut texts: Vec<String> = [
        " ",
        "\n",
        "\r",
        "\r\n",
        "lone\rreturn",
        "tab\there",
        " spaces around ",
        "line\u{2028}and\u{2029}paragraph\u{85}",
        "e\u{301} is not \u{e9}",
        "Z\u{310}\u{351}a\u{334}\u{489}l\u{35c}g\u{360}o\u{321}",
        "\u{1100}\u{1161}\u{11a8}",
        "שלום \u{200f}مرحبا\u{200e} \u{202e}desrever\u{202c} \u{2066}x\u{2069}",
        "\u{feff}begins with a byte order mark",
        "ends with one\u{feff}",
        "zero\u{200b}width\u{200d}\u{2060}",
        "👩‍👩‍👧‍👦 👍🏽 🏳️‍🌈 🇺🇳 ❤️",
        "\u{ffff}\u{fffe}\u{fdd0}\u{1fffe}\u{10ffff}",
        "\u{fffd} \u{e000} \u{f0000} \u{d7ff}",
        "\u{1}\u{8}\u{b}\u{1b}[31m\u{7f}\u{80}\u{9f}",
        "'; DROP TABLE messages; --",
        "'' \" ` $1 ?1 :name @x {} {0} %s",
        "100 % of _ \\ \\% \\_ \\\\",
        "\\n \\u0000 \\x00 &amp; &#0; %00",
        "E'\\x41' U&'\\0041' $$x$$",
        "<script>alert(1)</script>",
        "null",
        "NULL",
        "0",
        "-1e400",
        "true",
        "{\"a\": [1]}",
        "ﬁ ŉ ǰ ß İ ı Σς",
        "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𒀀 🀀 𠜎",
    ]
    .map(ToOwned::to_owned)
    .into();
    texts.extend(('\u{1}'..='\u{9f}').map(String::from));
    texts.push("😀".repeat(MessageBody::MAX_CHARACTERS));
    texts.push("\u{301}".repeat(MessageBody::MAX_CHARACTERS));
    texts.push("\n".repeat(MessageBody::MAX_CHARACTERS));
    texts.push("'".repeat(MessageBody::MAX_CHARACTERS));
    round_trip(store, &texts).await;
}

/// Every character of Unicode but U+0000, which no message has.
pub async fn every_character_comes_back(store: Adapter) {
    let all: Vec<char> = ('\u{1}'..=char::MAX).collect();
    let texts: Vec<String> = all.chunks(MessageBody::MAX_CHARACTERS).map(|some| some.iter().collect()).collect();
    round_trip(store, &texts).await;
}

/// Titles too.
pub async fn titles_come_back_byte_for_byte(store: Adapter) {
    let world = World::new(store);
    let ada = world.host("ada").await;
    let titles = ["'; --", "%_\\", "e\u{301}", "\u{e9}", "\u{202e}x", "\u{feff}x", "\u{ffff}", "👩‍👩‍👧‍👦", "null", "İ"];
    for title in titles {
        world.group_named(Some(title), &[&ada]).await;
    }
    let list = list_all(world.store(), ada.id).await;
    let read: Vec<&str> =
        list.iter().rev().filter_map(|view| view.conversation.title.as_ref()).map(Title::as_str).collect();
    assert_eq!(read, titles);
}

/// The folder of real conversations: what `CONFAB_IRC_CORPUS` names, or `../shared/data/irc` beside the workspace.
fn corpus() -> PathBuf {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/irc");
    std::env::var_os("CONFAB_IRC_CORPUS").map_or(beside, PathBuf::from)
}

/// What is said in a line `[HH:MM] <nick> text` or `[HH:MM]  * nick text`, if anything.
fn said(line: &str) -> Option<&str> {
    let (_, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let rest = rest.strip_prefix('<').or_else(|| rest.strip_prefix(" * "))?;
    let (_, text) = rest.split_once(' ')?;
    (!text.is_empty()).then_some(text)
}

/// Every distinct text of the logs of the Ubuntu IRC channel, as in the folder `data/train` of the repository
/// `jkkummerfeld/irc-disentanglement`: each `*.raw.txt` of the folder that `CONFAB_IRC_CORPUS` names, or else of
/// `../shared/data/irc` beside the workspace. Without that folder the case fails.
pub async fn irc_corpus_texts_come_back_byte_for_byte(store: Adapter) {
    let folder = corpus();
    let entries = std::fs::read_dir(&folder);
    let entries = entries.unwrap_or_else(|error| panic!("no real conversations in {}: {error}", folder.display()));
    let mut texts = BTreeSet::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.to_string_lossy().ends_with(".raw.txt") {
            let log = std::fs::read_to_string(&path).unwrap();
            texts.extend(log.split('\n').filter_map(said).map(ToOwned::to_owned));
        }
    }
    assert!(!texts.is_empty(), "no real conversations in {}", folder.display());
    round_trip(store, &texts.into_iter().collect::<Vec<_>>()).await;
}
