//! Accounts that are verified, and passwords that are forgotten, as the owners of the addresses see it.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Api, Backend, Mails, Person, Server, ServerOptions, on_each_backend};
use serde_json::json;

on_each_backend!([sqlite, postgres]
    an_address_is_verified_and_a_password_forgotten_and_set_anew,
    a_password_is_changed_and_other_sessions_end_at_once,
    where_registration_is_concealed_every_answer_is_the_same,
);

const NEW: &str = "a better horse battery";

async fn log_in(api: &Api, email: &str, password: &str) -> u16 {
    api.post("/api/v1/auth/token", &json!({ "email": email, "password": password })).await.status
}

async fn an_address_is_verified_and_a_password_forgotten_and_set_anew(backend: Backend) {
    let server = Server::start(backend).await;
    let mails = Mails::of(server.folder());
    let ada = server.api().sign_up("ada").await;
    let verified = async || ada.get("/api/v1/users/me").await.expect(200)["email_verified"].clone();
    assert_eq!(verified().await, false);
    let token = Mails::token(&mails.wait_for(&ada.email, 1).await);
    let verify = json!({ "token": token });
    assert_eq!(ada.api.post("/api/v1/auth/email/verify", &verify).await.status, 204);
    assert_eq!(verified().await, true);
    let again = ada.api.post("/api/v1/auth/email/verify", &verify).await.expect(422);
    assert_eq!(
        (&again["errors"][0]["pointer"], &again["errors"][0]["code"]),
        (&json!("/token"), &json!("invalid_token"))
    );

    for email in ["nobody@example.org", "ADA@example.org"] {
        let answer = ada.api.post("/api/v1/auth/password/forgot", &json!({ "email": email })).await;
        assert_eq!((answer.status, answer.text.as_str()), (202, ""));
        let answer = ada.api.post("/api/v1/auth/email/verification", &json!({ "email": email })).await;
        assert_eq!((answer.status, answer.text.as_str()), (202, ""));
    }
    let token = Mails::token(&mails.wait_for(&ada.email, 2).await);
    let reset = |password: &str| json!({ "token": token, "new_password": password });
    let weak = ada.api.post("/api/v1/auth/password/reset", &reset("password123")).await.expect(422);
    assert_eq!(
        (&weak["errors"][0]["pointer"], &weak["errors"][0]["code"]),
        (&json!("/new_password"), &json!("too_common"))
    );
    assert_eq!(ada.api.post("/api/v1/auth/password/reset", &reset(NEW)).await.status, 204);
    assert_eq!(ada.get("/api/v1/users/me").await.expect(401)["code"], "invalid_token");
    assert_eq!(log_in(&ada.api, &ada.email, &ada.password).await, 401);
    assert_eq!(log_in(&ada.api, &ada.email, NEW).await, 200);
    ada.api.post("/api/v1/auth/password/reset", &reset("yet another battery")).await.expect(422);
    assert!(mails.wait_for(&ada.email, 3).await.contains("Subject: Your password was changed"));
    assert_eq!(mails.to("nobody@example.org").len(), 0);
}

async fn a_password_is_changed_and_other_sessions_end_at_once(backend: Backend) {
    let server = Server::start(backend).await;
    let ada = server.api().sign_up("ada").await;
    let phone = Person::log_in(server.api(), &ada.email, &ada.password).await;
    let change = |current: &str, new: &str| json!({ "current_password": current, "new_password": new });
    let path = "/api/v1/users/me/password";
    let wrong = ada.call("PUT", path, &change("not my password", NEW)).await.expect(422);
    assert_eq!(
        (&wrong["errors"][0]["pointer"], &wrong["errors"][0]["code"]),
        (&json!("/current_password"), &json!("wrong_password"))
    );
    let weak = ada.call("PUT", path, &change(&ada.password, "aaaaaaaaaaaaaa")).await.expect(422);
    assert_eq!(weak["errors"][0]["pointer"], "/new_password");
    phone.get("/api/v1/users/me").await.expect(200);
    assert_eq!(ada.call("PUT", path, &change(&ada.password, NEW)).await.status, 204);
    // On the node that did it: at once, whatever it remembers of sessions.
    assert_eq!(phone.get("/api/v1/users/me").await.expect(401)["code"], "invalid_token");
    let refresh = json!({ "refresh_token": phone.refresh_token });
    phone.api.post("/api/v1/auth/token/refresh", &refresh).await.expect(401);
    ada.get("/api/v1/users/me").await.expect(200);
    assert_eq!(log_in(&ada.api, &ada.email, &ada.password).await, 401);
    assert_eq!(log_in(&ada.api, &ada.email, NEW).await, 200);
}

async fn where_registration_is_concealed_every_answer_is_the_same(backend: Backend) {
    let options = ServerOptions::default().set("CONFAB__AUTH__CONCEAL_REGISTRATION", "true");
    let server = Server::with(backend, options).await;
    let (api, mails) = (server.api(), Mails::of(server.folder()));
    let known = server.person("known", "host").await;
    let register = async |name: &str| {
        let email = format!("{name}@example.org");
        let account = json!({ "email": email, "password": NEW, "first_name": "Ada", "last_name": "Test" });
        api.post("/api/v1/auth/register", &account).await
    };
    for name in ["known", "new", "known", "new"] {
        let answer = register(name).await;
        assert_eq!((answer.status, answer.text.as_str(), answer.header("location")), (202, "", ""), "{name}");
        assert_eq!(log_in(&api, &format!("{name}@example.org"), NEW).await, 401, "{name}");
    }
    assert_eq!(log_in(&api, &known.email, &known.password).await, 200, "the account is as it was");
    assert!(mails.wait_for(&known.email, 1).await.contains("Subject: You have an account already"));
    let token = Mails::token(&mails.wait_for("new@example.org", 1).await);
    assert_eq!(api.post("/api/v1/auth/email/verify", &json!({ "token": token })).await.status, 204);
    assert_eq!(log_in(&api, "new@example.org", NEW).await, 200);
}
