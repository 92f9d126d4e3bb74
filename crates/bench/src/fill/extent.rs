//! Fills a database for one person who has little or much: conversations, and one among them with many people and messages.
//!
//! Both have as much of what a page shows, so that two pages differ in nothing but what lies beside them.

use std::fmt::Write as _;

use confab_domain::index_tokens;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteConnection, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection as _, Executor as _, PgConnection};
use serde_json::{Value, json};

use super::{password_hash, sql};
use crate::Result;
use crate::stage::Database;
use crate::world::{self, BEGINNING};

/// How much there is.
#[derive(Debug, Clone, Copy)]
pub struct Extent {
    /// Who is in the crowd, the reader among them; and how many accounts there are.
    pub participants: u32,
    /// The messages of the crowd.
    pub messages: u32,
    /// The reader's conversations.
    pub conversations: u32,
}

/// A little.
pub const SMALL: Extent = Extent { participants: 60, messages: 400, conversations: 120 };
/// What the product is made for.
pub const LARGE: Extent = Extent { participants: 1_000, messages: 100_000, conversations: 10_000 };

/// Who reads.
pub const READER: u32 = 0;
/// Who may list the accounts.
pub const ADMIN: u32 = 1;
/// The conversation with many people and messages.
pub const CROWD: u32 = 0;
/// So many of the reader's conversations are archived, so many are muted, and so on: two pages of each.
const MARKED: u32 = 40;
/// The messages of any other conversation.
const FEW: u32 = 3;
/// Between the last messages of two conversations: ten minutes.
const APART: i64 = 600_000_000;
/// Until when something is muted: 2100.
const FAR: i64 = 4_102_444_800_000_000;

impl Extent {
    /// How far apart the conversations of one kind are.
    const fn step(self) -> u32 {
        self.conversations / MARKED
    }

    /// A message of the crowd.
    pub fn message_id(self, seq: u32) -> String {
        message_id(CROWD, seq)
    }

    /// How many of the crowd have read a message up to which few have read.
    const fn readers(self) -> u32 {
        self.participants - MARKED
    }
}

/// In the order of time, as those of the product are.
fn message_id(conversation: u32, seq: u32) -> String {
    let millis = (BEGINNING / 1000) + i64::from(seq) * 1000;
    let mut id = format!("{millis:012x}7000{:04x}{conversation:012x}", 0x8000 | (seq & 0xfff));
    for place in [20, 16, 12, 8] {
        id.insert(place, '-');
    }
    id
}

#[derive(Clone, Copy)]
enum Kind {
    Id,
    Number,
    Text,
    Flag,
}

use Kind::{Flag, Id, Number, Text};

enum Open {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

impl Open {
    async fn execute(&mut self, statement: &'static str) -> Result<()> {
        match self {
            Self::Sqlite(connection) => connection.execute(statement).await.map(drop)?,
            Self::Postgres(connection) => connection.execute(statement).await.map(drop)?,
        }
        Ok(())
    }

    /// Inserts rows, each an array of the values of these columns.
    async fn insert(&mut self, table: &str, columns: &[(&str, Kind)], rows: impl Iterator<Item = Value>) -> Result<()> {
        let names = columns.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        let mut values = String::new();
        for (place, (_, kind)) in columns.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            match (&self, kind) {
                (Self::Sqlite(_), Id) => write!(values, "{comma}unhex(value ->> {place}, '-')")?,
                (Self::Sqlite(_), _) => write!(values, "{comma}value ->> {place}")?,
                (Self::Postgres(_), kind) => {
                    let kind = match kind {
                        Id => "uuid",
                        Number => "bigint",
                        Text => "text",
                        Flag => "boolean",
                    };
                    write!(values, "{comma}CAST(value ->> {place} AS {kind})")?;
                }
            }
        }
        let mut rows = rows.peekable();
        while rows.peek().is_some() {
            let some = Value::Array(rows.by_ref().take(500).collect()).to_string();
            match self {
                Self::Sqlite(connection) => {
                    let insert = format!("INSERT INTO {table} ({names}) SELECT {values} FROM json_each(?1)");
                    sqlx::query(sql(insert)).bind(some).execute(connection).await?;
                }
                Self::Postgres(connection) => {
                    let insert = format!(
                        "INSERT INTO {table} ({names}) SELECT {values} FROM json_array_elements(CAST($1 AS json))"
                    );
                    sqlx::query(sql(insert)).bind(some).execute(connection).await?;
                }
            }
        }
        Ok(())
    }
}

/// Fills an empty database with so much.
///
/// # Errors
/// Where the database refuses.
pub async fn fill(database: &Database, extent: Extent) -> Result<()> {
    let hash = password_hash().await?;
    let mut open = match database {
        Database::Sqlite(file) => {
            let options = SqliteConnectOptions::new().filename(file).synchronous(SqliteSynchronous::Off);
            Open::Sqlite(options.connect().await?)
        }
        Database::Postgres(url) => Open::Postgres(PgConnection::connect(url).await?),
    };
    open.execute("BEGIN").await?;
    people(&mut open, extent, &hash).await?;
    conversations(&mut open, extent).await?;
    places(&mut open, extent).await?;
    messages(&mut open, extent).await?;
    for statement in CATCH_UP {
        open.execute(statement).await?;
    }
    open.execute("COMMIT").await?;
    match open {
        Open::Sqlite(mut connection) => {
            connection.execute("ANALYZE").await?;
            connection.execute("PRAGMA synchronous = FULL").await?;
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").await?;
            connection.close().await?;
        }
        Open::Postgres(mut connection) => {
            connection.execute("VACUUM (ANALYZE, FREEZE)").await?;
            connection.execute("CHECKPOINT").await?;
            connection.close().await?;
        }
    }
    Ok(())
}

/// What the server does later on, for each who asks.
const CATCH_UP: [&str; 2] = [
    "UPDATE listings SET caught_up = true FROM participants AS me, conversations AS c \
     WHERE me.conversation_id = listings.conversation_id AND me.user_id = listings.user_id \
     AND c.id = listings.conversation_id AND me.last_read_seq >= c.last_seq",
    "UPDATE conversations SET some_caught_up = true WHERE id IN (SELECT conversation_id FROM listings WHERE caught_up)",
];

async fn people(open: &mut Open, extent: Extent, hash: &str) -> Result<()> {
    let columns = [
        ("id", Id),
        ("email", Text),
        ("email_key", Text),
        ("password_hash", Text),
        ("first_name", Text),
        ("last_name", Text),
        ("role", Text),
        ("active", Flag),
        ("created_at", Number),
        ("updated_at", Number),
    ];
    let row = |user: u32| {
        let (email, at) = (world::email(user), BEGINNING + i64::from(user));
        let role = if user == ADMIN { "admin" } else { "host" };
        json!([
            world::user_id(user).to_string(),
            email,
            email,
            hash,
            format!("User {user}"),
            "Bench",
            role,
            true,
            at,
            at
        ])
    };
    open.insert("users", &columns, (0..extent.participants).map(row)).await
}

/// The other one of a conversation that is not the crowd.
fn other(conversation: u32, extent: Extent) -> u32 {
    // Each direct conversation has another one.
    let number = if is_direct(conversation, extent) { conversation / extent.step() } else { conversation };
    2 + number % (extent.participants - 2)
}

const fn is_direct(conversation: u32, extent: Extent) -> bool {
    conversation % extent.step() == 1
}

const fn size(conversation: u32, extent: Extent) -> (u32, u32) {
    if conversation == CROWD { (extent.participants, extent.messages) } else { (2, FEW) }
}

fn last_activity(conversation: u32, extent: Extent) -> i64 {
    sent_at(conversation, size(conversation, extent).1)
}

fn sent_at(conversation: u32, seq: u32) -> i64 {
    BEGINNING + i64::from(conversation) * APART + i64::from(seq) * 1_000_000
}

async fn conversations(open: &mut Open, extent: Extent) -> Result<()> {
    let columns = [
        ("id", Id),
        ("title", Text),
        ("title_key", Text),
        ("direct_low", Id),
        ("direct_high", Id),
        ("creator_id", Id),
        ("participant_count", Number),
        ("last_seq", Number),
        ("version", Number),
        ("created_at", Number),
        ("last_activity_at", Number),
    ];
    let row = |conversation: u32| {
        let (id, reader) = (world::conversation_id(conversation).to_string(), world::user_id(READER).to_string());
        let (participants, messages) = size(conversation, extent);
        let last_activity = last_activity(conversation, extent);
        if is_direct(conversation, extent) {
            let other = world::user_id(other(conversation, extent)).to_string();
            json!([id, null, null, reader, other, reader, participants, messages, messages, BEGINNING, last_activity])
        } else {
            let title = if conversation % extent.step() == 2 { "Special" } else { "Group" };
            let (title, key) = (format!("{title} {conversation}"), format!("{} {conversation}", title.to_lowercase()));
            json!([id, title, key, null, null, reader, participants, messages, messages, BEGINNING, last_activity])
        }
    };
    open.insert("conversations", &columns, (0..extent.conversations).map(row)).await
}

async fn places(open: &mut Open, extent: Extent) -> Result<()> {
    let columns = [
        ("conversation_id", Id),
        ("user_id", Id),
        ("membership", Text),
        ("joined_at", Number),
        ("joined_seq", Number),
        ("last_read_seq", Number),
        ("last_delivered_seq", Number),
        ("archived", Flag),
        ("pinned", Flag),
        ("muted_until", Number),
    ];
    let place = |conversation: u32, user: u32, read: u32| {
        let (conversation_id, user_id) = (world::conversation_id(conversation), world::user_id(user));
        let membership = match user {
            READER if !is_direct(conversation, extent) => "owner",
            _ => "member",
        };
        let kind = if user == READER { conversation % extent.step() } else { u32::MAX };
        let muted = (kind == 0).then_some(FAR);
        let (last, ids) = (size(conversation, extent).1, [conversation_id.to_string(), user_id.to_string()]);
        json!([ids[0], ids[1], membership, BEGINNING, 0, read, last, kind == 1, kind == 2, muted])
    };
    let others = (1..extent.conversations).flat_map(|conversation| {
        let read = if conversation % extent.step() == 0 { FEW - 1 } else { FEW };
        [place(conversation, READER, read), place(conversation, other(conversation, extent), FEW)]
    });
    let crowd = (0..extent.participants).map(|user| {
        // The last ones have read all, and the others the first message.
        let read = if user == READER || user >= extent.readers() { extent.messages } else { 1 };
        place(CROWD, user, read)
    });
    open.insert("participants", &columns, crowd.chain(others)).await
}

async fn messages(open: &mut Open, extent: Extent) -> Result<()> {
    let columns = [
        ("id", Id),
        ("conversation_id", Id),
        ("seq", Number),
        ("version", Number),
        ("sender_id", Id),
        ("sent_at", Number),
        ("body", Text),
        ("search_tokens", Text),
    ];
    let row = |conversation: u32, seq: u32, sender: u32| {
        let rare = if seq.is_multiple_of(extent.messages / MARKED) { " A quokka looks on." } else { "" };
        let body = format!("Message {seq}: the quick brown fox jumps over the lazy dog, and runs.{rare}");
        let id = world::conversation_id(conversation).to_string();
        let tokens = index_tokens(&body);
        let (message, sender) = (message_id(conversation, seq), world::user_id(sender).to_string());
        json!([message, id, seq, seq, sender, sent_at(conversation, seq), body, tokens.join(" ")])
    };
    let crowd = (1..=extent.messages).map(|seq| {
        // One of them says little.
        let sender = if seq.is_multiple_of(extent.messages / MARKED) { 2 } else { 3 + seq % (extent.participants - 3) };
        row(CROWD, seq, sender)
    });
    let others = (1..extent.conversations)
        .flat_map(|conversation| (1..=FEW).map(move |seq| (conversation, seq)))
        .map(|(conversation, seq)| row(conversation, seq, other(conversation, extent)));
    open.insert("messages", &columns, crowd.chain(others)).await
}
