//! One's own profile.

use confab_application::Precondition;
use confab_application::accounts::{LogIn, authenticate, log_in};
use confab_application::users::{ProfilePatch, change_profile, read_profile};
use confab_domain::{Origin, PhoneNumber, Role};
use confab_store_contract::testing::PASSWORD;

use crate::{change, fault, faults, suspend, unauthenticated, world};

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[tokio::test]
async fn what_is_absent_from_a_patch_stays() {
    let world = world();
    let ada = world.user("ada", Role::Guest).await;
    let viewer = world.viewer(&ada);
    world.clock.advance_seconds(1);
    let patch = ProfilePatch { phone_number: Some(text("+44 20 7946 0958")), ..ProfilePatch::default() };
    let changed = change_profile(&world.app, &viewer, patch, &Precondition::Any).await.unwrap();
    assert_eq!(changed.profile.phone_number.as_ref().map(PhoneNumber::as_str), Some("+442079460958"));
    assert_eq!(changed.profile.first_name, ada.profile.first_name);
    assert_eq!((changed.created_at, changed.updated_at), (ada.created_at, world.now()));

    let patch = ProfilePatch { first_name: text("Augusta"), last_name: text("King"), ..ProfilePatch::default() };
    let changed = change_profile(&world.app, &viewer, patch, &Precondition::Any).await.unwrap();
    assert_eq!(changed.profile.first_name.as_str(), "Augusta");
    assert!(changed.profile.phone_number.is_some(), "it stays");

    let patch = ProfilePatch { phone_number: Some(None), ..ProfilePatch::default() };
    let changed = change_profile(&world.app, &viewer, patch, &Precondition::Any).await.unwrap();
    assert_eq!(changed.profile.phone_number, None);
    let pair =
        log_in(&world.app, LogIn::new(ada.email.as_str(), PASSWORD.to_owned()), &Origin::default()).await.unwrap();
    let viewer = authenticate(&world.app, &pair.access_token).await.unwrap();
    assert_eq!(read_profile(&world.app, &viewer).await.unwrap(), changed);
    let patch = ProfilePatch { first_name: text("Ada"), ..ProfilePatch::default() };
    let changed = change_profile(&world.app, &viewer, patch, &Precondition::Any).await.unwrap();
    assert_eq!(read_profile(&world.app, &viewer).await.unwrap(), changed, "as it is, not as it was looked up");
    suspend(&world, &changed).await;
    unauthenticated(read_profile(&world.app, &viewer).await);
}

#[tokio::test]
async fn a_patch_that_changes_nothing_leaves_the_account_as_it_was() {
    let world = world();
    let ada = world.host("ada").await;
    world.clock.advance_seconds(1);
    let same = ProfilePatch { first_name: text(" ada "), phone_number: Some(None), ..ProfilePatch::default() };
    for patch in [ProfilePatch::default(), same] {
        assert_eq!(change_profile(&world.app, &world.viewer(&ada), patch, &Precondition::Any).await.unwrap(), ada);
    }
}

#[tokio::test]
async fn every_fault_of_a_patch_is_told_at_once_and_nothing_changes() {
    let world = world();
    let ada = world.host("ada").await;
    let viewer = world.viewer(&ada);
    let patch = ProfilePatch {
        first_name: text(""),
        last_name: text("a\u{7}b"),
        phone_number: Some(text("12")),
        ..ProfilePatch::default()
    };
    let wanted =
        [fault("first_name", "empty"), fault("last_name", "forbidden_character"), fault("phone_number", "malformed")];
    assert_eq!(faults(change_profile(&world.app, &viewer, patch, &Precondition::Any).await), wanted);
    assert_eq!(change_profile(&world.app, &viewer, ProfilePatch::default(), &Precondition::Any).await.unwrap(), ada);
}

#[tokio::test]
async fn a_change_is_made_to_the_account_as_it_is_and_not_as_the_viewer_saw_it() {
    let world = world();
    let ada = world.host("ada").await;
    let viewer = world.viewer(&ada);
    change(&world, &ada, |state| state.role = Role::Guest).await;
    let patch = ProfilePatch { last_name: text("King"), ..ProfilePatch::default() };
    assert_eq!(change_profile(&world.app, &viewer, patch.clone(), &Precondition::Any).await.unwrap().role, Role::Guest);

    let nobody = world.viewer(&world.new_user("nobody", Role::Host));
    unauthenticated(change_profile(&world.app, &nobody, patch, &Precondition::Any).await);
}
