//! A user: an account and the person behind it.

use std::ops::Deref;

use crate::{EmailAddress, PersonName, PhoneNumber, Role, Timestamp, UserId};

/// What is known of a user. Read through [`User`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserState {
    /// The user's id.
    pub id: UserId,
    /// Where the user can be written to, and what they log in with. Unique without regard to case.
    pub email: EmailAddress,
    /// Whether the user has shown that the address is their own, or an operator has said so.
    pub email_verified: bool,
    /// How others see the user.
    pub profile: Profile,
    /// By what hosts may find the user.
    pub discoverable: Discoverable,
    /// What the account may do at the most.
    pub role: Role,
    /// Whether the account may be used.
    pub active: bool,
    /// When its person deleted it, if they have: then nothing else here tells who that was.
    pub deleted_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
    /// When anything here last changed.
    pub updated_at: Timestamp,
}

/// By what those who know it may find a user. Nothing, unless the user says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Discoverable {
    /// By the e-mail address.
    pub by_email: bool,
    /// By the telephone number.
    pub by_phone: bool,
}

/// What users tell of themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Given name.
    pub first_name: PersonName,
    /// Family name.
    pub last_name: PersonName,
    /// A telephone number, which other users never see.
    pub phone_number: Option<PhoneNumber>,
}

/// What is to change in a profile; what is `None` stays (RFC 7396).
#[derive(Debug, Clone, Default)]
pub struct ProfileChange {
    /// A new given name.
    pub first_name: Option<PersonName>,
    /// A new family name.
    pub last_name: Option<PersonName>,
    /// A new telephone number, or `Some(None)` for none.
    pub phone_number: Option<Option<PhoneNumber>>,
    /// Whether hosts may find the user by the e-mail address.
    pub discoverable_by_email: Option<bool>,
    /// Whether hosts may find the user by the telephone number.
    pub discoverable_by_phone: Option<bool>,
}

/// An account and the person behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User(UserState);

impl User {
    /// A new, active account, whose address is not verified.
    pub const fn create(id: UserId, email: EmailAddress, profile: Profile, role: Role, now: Timestamp) -> Self {
        Self(UserState {
            id,
            email,
            email_verified: false,
            profile,
            discoverable: Discoverable { by_email: false, by_phone: false },
            role,
            active: true,
            deleted_at: None,
            created_at: now,
            updated_at: now,
        })
    }

    /// The user that storage kept.
    pub const fn restore(state: UserState) -> Self {
        Self(state)
    }

    /// The same user with a verified address.
    #[must_use]
    pub fn with_verified_email(&self, now: Timestamp) -> Self {
        let mut state = self.0.clone();
        if !state.email_verified {
            state.email_verified = true;
            state.updated_at = now;
        }
        Self(state)
    }

    /// What remains when the account is deleted: the id, to which other people's history refers, and nothing that tells who
    /// it was.
    #[must_use]
    pub fn deleted(&self, now: Timestamp) -> Self {
        let profile = Profile {
            first_name: PersonName::of_nobody("Deleted"),
            last_name: PersonName::of_nobody("user"),
            phone_number: None,
        };
        Self(UserState {
            id: self.id,
            email: EmailAddress::of_nobody(self.id),
            email_verified: false,
            profile,
            discoverable: Discoverable::default(),
            role: Role::Guest,
            active: false,
            deleted_at: Some(now),
            created_at: self.created_at,
            updated_at: now,
        })
    }

    /// The same user with a changed profile.
    #[must_use]
    pub fn with_profile(&self, change: ProfileChange, now: Timestamp) -> Self {
        let mut state = self.0.clone();
        if let Some(first_name) = change.first_name {
            state.profile.first_name = first_name;
        }
        if let Some(last_name) = change.last_name {
            state.profile.last_name = last_name;
        }
        if let Some(phone_number) = change.phone_number {
            state.profile.phone_number = phone_number;
        }
        let discoverable = &mut state.discoverable;
        discoverable.by_email = change.discoverable_by_email.unwrap_or(discoverable.by_email);
        discoverable.by_phone = change.discoverable_by_phone.unwrap_or(discoverable.by_phone);
        if state != self.0 {
            state.updated_at = now;
        }
        Self(state)
    }
}

impl Deref for User {
    type Target = UserState;

    fn deref(&self) -> &UserState {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ada() -> User {
        let profile = Profile {
            first_name: PersonName::parse("Ada").unwrap(),
            last_name: PersonName::parse("Lovelace").unwrap(),
            phone_number: PhoneNumber::parse("+442079460958").ok(),
        };
        let email = EmailAddress::parse("ada@example.org").unwrap();
        User::create(UserId::from(uuid::Uuid::nil()), email, profile, Role::Guest, at(1))
    }

    fn at(micros: i64) -> Timestamp {
        Timestamp::from_micros(micros).unwrap()
    }

    #[test]
    fn a_change_touches_only_what_it_names() {
        let change = ProfileChange { phone_number: Some(None), ..ProfileChange::default() };
        let changed = ada().with_profile(change, at(2));
        assert_eq!(changed.profile.phone_number, None);
        assert_eq!(changed.profile.first_name.as_str(), "Ada");
        assert_eq!(changed.updated_at, at(2));
    }

    #[test]
    fn of_a_deleted_user_nothing_is_left_that_tells_who_it_was() {
        let ada = User::restore(UserState { role: Role::Admin, email_verified: true, ..UserState::clone(&ada()) });
        let deleted = ada.deleted(at(3));
        assert_eq!((deleted.id, deleted.created_at, deleted.deleted_at), (ada.id, ada.created_at, Some(at(3))));
        assert!(!deleted.active && !deleted.email_verified && deleted.role == Role::Guest);
        let shown = format!("{deleted:?}");
        assert!(["Ada", "Lovelace", "ada", "+44"].iter().all(|told| !shown.contains(told)), "{shown}");
        // Nobody can register with its address, or ask for a mail to it.
        assert!(EmailAddress::parse(deleted.email.as_str()).is_err());
        assert_eq!(EmailAddress::restore(deleted.email.as_str().to_owned()), Ok(deleted.email.clone()));
    }

    #[test]
    fn a_change_of_nothing_is_no_change() {
        let same = ProfileChange { first_name: PersonName::parse("Ada").ok(), ..ProfileChange::default() };
        assert_eq!(ada().with_profile(same, at(2)), ada());
    }
}
