//! What becomes of passwords.

use std::sync::Arc;

use async_trait::async_trait;
use confab_application::accounts::{LogIn, NewAccount, log_in, register};
use confab_application::ports::{PasswordError, PasswordHasher, Store, Verdict, Weakness};
use confab_application::{App, Unauthenticated};
use confab_domain::{EmailAddress, Origin, Password, PasswordHash, User};
use confab_store_contract::testing::{PASSWORD, PlainPasswords, World};

use crate::{fault, faults, unauthenticated, world};

async fn stored(world: &World, user: &User) -> String {
    let credentials = world.store().accounts().find_credentials(&user.email).await.unwrap().unwrap();
    credentials.password_hash.as_str().to_owned()
}

async fn store_hash(store: &dyn Store, user: &User, hash: &str) {
    let tx = store.begin().await.unwrap();
    tx.users().set_password_hash(user.id, &PasswordHash::restore(hash.to_owned())).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_password_that_would_be_guessed_is_refused_at_its_field() {
    let world = world();
    for (password, code) in [("common enough", "too_common"), ("Lovelace 1815", "too_personal")] {
        let account = NewAccount {
            email: "ada@example.org".to_owned(),
            password: password.to_owned(),
            first_name: "Ada".to_owned(),
            last_name: "Lovelace".to_owned(),
            phone_number: None,
        };
        assert_eq!(faults(register(&world.app, account).await), [fault("password", code)]);
    }
    let email = EmailAddress::parse("ada@example.org").unwrap();
    assert_eq!(world.store().accounts().find_credentials(&email).await.unwrap(), None);
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_upon_log_in_and_not_by_a_wrong_password() {
    let world = world();
    let ada = world.host("ada").await;
    let old = format!("$old${PASSWORD}");
    store_hash(world.store(), &ada, &old).await;
    let outcome =
        log_in(&world.app, LogIn::new(ada.email.as_str(), "wrong password".to_owned()), &Origin::default()).await;
    assert_eq!(unauthenticated(outcome), Unauthenticated::WrongCredentials);
    assert_eq!(stored(&world, &ada).await, old);
    for _ in 0..2 {
        log_in(&world.app, LogIn::new(ada.email.as_str(), PASSWORD.to_owned()), &Origin::default()).await.unwrap();
        assert_eq!(stored(&world, &ada).await, format!("$plain${PASSWORD}"));
    }
}

#[tokio::test]
async fn where_too_many_wait_an_outdated_hash_stays_and_the_log_in_succeeds() {
    let world = world();
    let ada = world.host("ada").await;
    let old = format!("$old${PASSWORD}");
    store_hash(world.store(), &ada, &old).await;
    let app = App { passwords: Arc::new(BusyAfterwards), ..world.app.clone() };
    log_in(&app, LogIn::new(ada.email.as_str(), PASSWORD.to_owned()), &Origin::default()).await.unwrap();
    assert_eq!(stored(&world, &ada).await, old);
}

/// What was right when it was compared, is no longer when somebody has changed the password meanwhile.
#[tokio::test]
async fn no_session_begins_with_a_password_that_is_changed_meanwhile() {
    let world = world();
    let ada = world.host("ada").await;
    let passwords = Arc::new(ChangedMeanwhile { store: Arc::clone(&world.app.store), user: ada.clone() });
    let app = App { passwords, ..world.app.clone() };
    let outcome = log_in(&app, LogIn::new(ada.email.as_str(), PASSWORD.to_owned()), &Origin::default()).await;
    assert_eq!(unauthenticated(outcome), Unauthenticated::WrongCredentials);
    assert_eq!(stored(&world, &ada).await, "$plain$another password");
}

/// Compares, and then has no time to hash.
struct BusyAfterwards;

#[async_trait]
impl PasswordHasher for BusyAfterwards {
    async fn judge(&self, _: &Password, _: &[&str]) -> Result<Option<Weakness>, PasswordError> {
        Err(PasswordError::Busy)
    }

    async fn hash(&self, _: Password) -> Result<PasswordHash, PasswordError> {
        Err(PasswordError::Busy)
    }

    async fn verify(&self, attempt: Password, hash: Option<PasswordHash>) -> Result<Verdict, PasswordError> {
        PlainPasswords.verify(attempt, hash).await
    }
}

/// Changes the user's password as soon as it is compared.
struct ChangedMeanwhile {
    store: Arc<dyn Store>,
    user: User,
}

#[async_trait]
impl PasswordHasher for ChangedMeanwhile {
    async fn judge(&self, password: &Password, about: &[&str]) -> Result<Option<Weakness>, PasswordError> {
        PlainPasswords.judge(password, about).await
    }

    async fn hash(&self, password: Password) -> Result<PasswordHash, PasswordError> {
        PlainPasswords.hash(password).await
    }

    async fn verify(&self, attempt: Password, hash: Option<PasswordHash>) -> Result<Verdict, PasswordError> {
        let verdict = PlainPasswords.verify(attempt, hash).await;
        store_hash(self.store.as_ref(), &self.user, "$plain$another password").await;
        verdict
    }
}
