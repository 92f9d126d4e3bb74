//! Accounts as admins and operators look after them.
#![allow(clippy::unwrap_used, reason = "a test that fails, panics")]

use confab_tests::{Backend, Mails, Person, Server, ServerOptions, on_each_backend};
use serde_json::{Value, json};

on_each_backend!([sqlite, postgres]
    admins_end_all_sessions_of_an_account,
    accounts_are_listed_to_admins_and_operators,
    operators_show_accounts_and_set_passwords,
);

async fn server(backend: Backend) -> Server {
    Server::with(backend, ServerOptions::cheap_passwords()).await
}

/// What a command says, and how it ends.
fn run(server: &Server, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let output = server.run(arguments, input);
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

async fn admins_end_all_sessions_of_an_account(backend: Backend) {
    let server = server(backend).await;
    let (root, ada) = (server.person("root", "admin").await, server.api().sign_up("ada").await);
    let phone = Person::log_in(server.api(), &ada.email, &ada.password).await;
    let sessions = |id: &str| format!("/api/v1/users/{id}/sessions");
    assert_eq!(ada.call("DELETE", &sessions(&root.id), &Value::Null).await.expect(403)["code"], "role_too_low");
    phone.get("/api/v1/users/me").await.expect(200);

    for _ in 0..2 {
        assert_eq!(root.call("DELETE", &sessions(&ada.id), &Value::Null).await.status, 204);
        for device in [&ada, &phone] {
            assert_eq!(device.get("/api/v1/users/me").await.expect(401)["code"], "invalid_token");
            let body = json!({ "refresh_token": device.refresh_token });
            device.api.post("/api/v1/auth/token/refresh", &body).await.expect(401);
        }
    }
    root.get("/api/v1/users/me").await.expect(200);
    let again = Person::log_in(server.api(), &ada.email, &ada.password).await;
    let audit = again.get("/api/v1/users/me/audit").await.expect(200);
    let ends: Vec<_> =
        audit["items"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "all_sessions_ended").collect();
    assert_eq!(ends.len(), 1, "the second time there was nothing to end");
    assert_eq!((&ends[0]["by"], &ends[0]["after"]), (&json!("another"), &json!({ "ended": "2" })));

    let nobody = root.call("DELETE", &sessions("0198c5a2-6f3e-7c41-9d2b-3f5a7c9e1b20"), &Value::Null).await;
    assert_eq!(nobody.expect(404)["code"], "user_not_found");
    again.call("DELETE", "/api/v1/users/me", &json!({ "current_password": ada.password })).await;
    root.call("DELETE", &sessions(&ada.id), &Value::Null).await.expect(404);
    assert_eq!(root.call("DELETE", &sessions(&root.id), &Value::Null).await.status, 204, "also one's own");
    root.get("/api/v1/users/me").await.expect(401);
}

async fn accounts_are_listed_to_admins_and_operators(backend: Backend) {
    let server = server(backend).await;
    let root = server.person("root", "admin").await;
    let mut ids = vec![root.id.clone()];
    for number in 0..5 {
        ids.push(server.api().sign_up(&format!("guest{number}")).await.id);
    }
    let standing = format!("/api/v1/users/{}/standing", ids[3]);
    root.call("PATCH", &standing, &json!({ "active": false })).await.expect(200);
    let found = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let mut walked = Vec::new();
    let mut path = "/api/v1/users?order=oldest_first&limit=4".to_owned();
    let last = loop {
        let page = root.get(&path).await.expect(200);
        walked.extend(found(&page));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/api/v1/users?order=oldest_first&limit=4&cursor={cursor}"),
            None => break page,
        }
    };
    assert_eq!(walked, ids);
    let item = &last["items"][0];
    assert_eq!((&item["role"], &item["active"], item.get("phone_number")), (&json!("guest"), &json!(true), None));
    let newest = root.get("/api/v1/users").await.expect(200);
    assert_eq!(found(&newest), ids.iter().rev().cloned().collect::<Vec<_>>());
    for (query, expected) in [
        ("role=admin", &ids[..1]),
        ("suspended=true", &ids[3..4]),
        ("email=%20GUEST4", &ids[5..]),
        ("role=host", &[]),
        ("role=guest&suspended=true&email=guest2", &ids[3..4]),
    ] {
        assert_eq!(found(&root.get(&format!("/api/v1/users?{query}")).await.expect(200)), expected, "{query}");
    }
    for (query, name) in
        [("sort=email", "sort"), ("role=owner", "role"), ("order=random", "order"), ("email=", "email")]
    {
        let refused = root.get(&format!("/api/v1/users?{query}")).await;
        assert!(refused.status >= 400 && refused.text.contains(name), "{query}: {}", refused.text);
    }

    let lines = |arguments: &[&str]| {
        let (code, told, error) = run(&server, &[&["user", "list"], arguments].concat(), "");
        assert_eq!(code, Some(0), "{error}");
        told.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let listed = lines(&[]);
    assert_eq!(listed.iter().map(|line| line.split(' ').next().unwrap()).collect::<Vec<_>>(), ids);
    assert!(listed[3].contains(" guest suspended guest2"), "{}", listed[3]);
    let json = lines(&["--suspended", "--role", "guest", "--json"]);
    assert_eq!(json.len(), 1);
    assert_eq!(serde_json::from_str::<Value>(&json[0]).unwrap()["id"], json!(ids[3]));
    assert_eq!(lines(&["--email", "ROOT@"]).len(), 1);
}

async fn operators_show_accounts_and_set_passwords(backend: Backend) {
    const NEW: &str = "a rather different one";
    let server = server(backend).await;
    let ada = server.api().sign_up("ada").await;
    let (code, told, _) = run(&server, &["user", "show", &ada.email.to_uppercase()], "");
    assert!(code == Some(0) && told.contains(&ada.id) && told.contains("guest") && told.contains("active"), "{told}");
    let (_, told, _) = run(&server, &["user", "show", &ada.email, "--json"], "");
    let shown: Value = serde_json::from_str(&told).unwrap();
    assert_eq!((&shown["id"], &shown["role"], &shown["active"]), (&json!(ada.id), &json!("guest"), &json!(true)));
    assert!(!told.contains("password") && !told.contains("argon2"), "{told}");

    for (arguments, input, code, said) in [
        (&["user", "show", "nobody@example.org"][..], "", 1, "no such user"),
        (&["user", "show", "nobody"], "", 2, "the address "),
        (&["user", "set-password", "nobody@example.org"], "", 1, "no such user"),
        (&["user", "set-password", &ada.email], "short\n", 2, "the password must have at least 10 characters"),
        (&["user", "set-password", &ada.email], "", 2, "there is no password on standard input"),
    ] {
        let (found, _, told) = run(&server, arguments, input);
        assert_eq!(found, Some(code), "{told}");
        assert!(told.to_lowercase().contains(said), "{said:?} is not in {told}");
    }
    ada.get("/api/v1/users/me").await.expect(200);
    let (code, told, error) = run(&server, &["user", "set-password", &ada.email], &format!("{NEW}\n"));
    assert_eq!((code, told), (Some(0), format!("{} password set\n", ada.id)), "{error}");
    // Another process: this one asks again within a second.
    while ada.get("/api/v1/users/me").await.status == 200 {}
    let log_in = async |password: &str| {
        let body = json!({ "email": ada.email, "password": password });
        server.api().post("/api/v1/auth/token", &body).await.status
    };
    assert_eq!((log_in(&ada.password).await, log_in(NEW).await), (401, 200));
    let again = Person::log_in(server.api(), &ada.email, NEW).await;
    let audit = again.get("/api/v1/users/me/audit").await.expect(200);
    let reset = audit["items"].as_array().unwrap().iter().find(|entry| entry["kind"] == "password_reset").unwrap();
    assert_eq!(reset["by"], "unknown");
    let mails = Mails::of(server.folder());
    assert!(mails.wait_for(&ada.email, 2).await.contains("Subject: Your password was changed"));
}
