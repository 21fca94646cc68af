//! Users as no client should make or change them: refused, and nothing of it happens.

use crate::contract::bad_input::{USERS, check, check_field, totals};
use crate::support::{Person, Reply, TestApp};
use reqwest::Method;
use serde_json::{Map, Value, json};

/// A user nobody has yet, with this besides.
fn user(besides: Value) -> Value {
    let mut new = json!({ "name": "ada", "email": "ada@example.com" });
    if let Value::Object(besides) = besides {
        new.as_object_mut().unwrap().extend(besides);
    }
    new
}

async fn patch(owner: &Person<'_>, change: &Value) -> Reply {
    let request = owner.request(Method::PATCH, &format!("{USERS}/alice"));
    owner.send(request.json(change)).await
}

#[tokio::test]
async fn a_name_that_is_reserved_too_long_or_of_mixed_scripts_makes_nobody() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let before = totals(&owner).await;
    let (long, very_long) = ("a".repeat(64), "a".repeat(100_000));
    for bad in [
        "-",
        "me",
        "Me",
        "anonymous",
        "ANONYMOUS",
        "system",
        "System",
        &long,
        &very_long,
        "аda",
        "adа",
        "αda",
        "ａｄａ",
        "ada\u{301}",
        "ädä",
        "ada\u{7}",
        "ada\u{85}",
        "ada\u{ad}",
        "ada\u{200d}",
        "ada\u{feff}",
        "ada\r\nx",
        "ada\u{2066}",
    ] {
        let shown: String = bad.chars().take(20).collect();
        let reply = owner.post(USERS, &user(json!({ "name": bad }))).await;
        check_field(&shown, &reply, "name");
        assert!(reply.text.len() < 1_000, "{shown}: what was sent is not sent back");
    }
    assert_eq!(totals(&owner).await, before);
    for good in ["me2", "a", "A.b_c-9", &long[1..]] {
        let new = user(json!({ "name": good, "email": format!("x{}@example.com", good.len()) }));
        owner.post(USERS, &new).await.expect(200);
    }
}

#[tokio::test]
async fn a_name_or_address_that_is_taken_is_taken_in_every_form() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    owner
        .post(USERS, &user(json!({ "email": "ada@bücher.example" })))
        .await
        .expect(200);
    let bob = json!({ "name": "bob", "email": "bob+tag@example.com" });
    owner.post(USERS, &bob).await.expect(200);
    for (name, address) in [("ada", "ada@bücher.example"), ("bob", "bob+tag@example.com")] {
        let proven = json!({ "email": address, "verified": true });
        owner.put(&format!("{USERS}/{name}/email"), &proven).await.expect(200);
    }
    let before = totals(&owner).await;

    for taken in ["ada", "ADA", "Ada", "bob", "BOB", "admin", "Admin"] {
        let new = json!({ "name": taken, "email": "new@example.com" });
        check(taken, &owner.post(USERS, &new).await, 409, "user_name_taken");
    }
    for taken in [
        "ada@bücher.example",
        "ada@xn--bcher-kva.example",
        "ADA@XN--BCHER-KVA.EXAMPLE",
        "Ada@BÜCHER.example",
        "ada@bu\u{308}cher.example",
        "ada@bücher。example",
        "ada@ｂücher.example",
        "bob+tag@example.com",
        "BOB+TAG@EXAMPLE.COM",
        "bob+tag@ｅｘａｍｐｌｅ.ｃｏｍ",
        "bob+tag@exam\u{ad}ple.com",
        "admin@LOCALHOST",
    ] {
        let new = json!({ "name": "new", "email": taken });
        check(taken, &owner.post(USERS, &new).await, 409, "email_taken");
    }
    owner.post(USERS, &bob).await.expect(409);
    assert_eq!(totals(&owner).await, before);
    // What only looks the same.
    for (name, other) in [
        ("new1", "bob@example.com"),
        ("new2", "bob+tag@example.org"),
        ("new3", "ada@bucher.example"),
    ] {
        owner
            .post(USERS, &json!({ "name": name, "email": other }))
            .await
            .expect(200);
    }
}

#[tokio::test]
async fn a_role_that_is_none_makes_nobody_and_changes_nothing() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let alice = json!({ "name": "alice", "email": "alice@example.com", "roles": ["auditor"] });
    owner.post(USERS, &alice).await.expect(200);
    let detailed = owner.get(&format!("{USERS}/alice")).await.expect(200);
    let before = totals(&owner).await;
    let permissions = format!("{USERS}/alice/permissions");

    let long = "a".repeat(64);
    for bad in [
        "wizard",
        "",
        " ",
        "owner ",
        "own\u{435}r",
        "*",
        "-",
        "anonymous",
        "owner,user",
        "' or 1=1 --",
        &long,
    ] {
        for roles in [json!([bad]), json!(["owner", bad]), json!([bad, "owner"])] {
            let row = roles.to_string();
            let reply = owner.post(USERS, &user(json!({ "roles": roles }))).await;
            check(&row, &reply, 400, "role_unknown");
            let reply = owner.post(&permissions, &json!({ "roles": roles })).await;
            check(&row, &reply, 400, "role_unknown");
        }
    }
    let many: Vec<_> = (0..51).map(|_| "auditor").collect();
    for (roles, field) in [
        (json!(many), "roles"),
        (json!("owner"), "roles"),
        (json!({ "0": "owner" }), "roles"),
        (json!(["owner", 1]), "roles[1]"),
        (json!([["owner"]]), "roles[0]"),
        (json!([null]), "roles[0]"),
    ] {
        let row = roles.to_string();
        check_field(&row, &owner.post(USERS, &user(json!({ "roles": roles }))).await, field);
        check_field(&row, &owner.post(&permissions, &json!({ "roles": roles })).await, field);
    }
    check_field("none", &owner.post(&permissions, &json!({})).await, "roles");
    assert_eq!(totals(&owner).await, before);
    assert_eq!(owner.get(&format!("{USERS}/alice")).await.expect(200), detailed);

    owner
        .post(USERS, &user(json!({ "roles": ["owner"] })))
        .await
        .expect(200);
    owner
        .post(&permissions, &json!({ "roles": ["owner"] }))
        .await
        .expect(200);
}

/// A map of so many entries.
fn entries(count: usize) -> Value {
    (0..count)
        .map(|n| (format!("k{n}"), json!("v")))
        .collect::<Map<_, _>>()
        .into()
}

#[tokio::test]
async fn labels_that_are_none_are_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    owner
        .post(USERS, &json!({ "name": "alice", "email": "alice@example.com" }))
        .await
        .expect(200);
    let before = totals(&owner).await;
    let (long, longest) = ("a".repeat(254), "a".repeat(253));
    let mut rows = vec![(entries(51), String::new())];
    for key in [
        "", " ", "a b", "-a", "a-", "ä", "a=b", "a!", "a,b", "a(b", "a\n", "/", &long,
    ] {
        rows.push((json!({ key: "v" }), String::new()));
    }
    for value in ["a\nb", "\u{7f}", "\u{9b}", &long] {
        rows.push((json!({ "key": value }), ".key".to_owned()));
    }
    rows.push((json!({ "key": 1 }), ".key".to_owned()));
    rows.push((json!({ "key": ["a"] }), ".key".to_owned()));
    rows.push((json!(["key"]), String::new()));
    for (labels, below) in rows {
        let row: String = labels.to_string().chars().take(60).collect();
        let reply = owner.post(USERS, &user(json!({ "labels": labels }))).await;
        check_field(&row, &reply, &format!("labels{below}"));
        let reply = patch(
            &owner,
            &json!({ "metadata": { "labels": labels }, "spec": { "bio": "no" } }),
        )
        .await;
        check_field(&row, &reply, &format!("metadata.labels{below}"));
    }
    assert_eq!(totals(&owner).await, before);
    let alice = owner.get(&format!("{USERS}/alice")).await.expect(200);
    assert_eq!(
        (&alice["user"]["metadata"]["labels"], alice["user"]["spec"].get("bio")),
        (&json!({}), None)
    );

    // The control: what is just short enough; and what a patch adds to must fit as a whole.
    owner
        .post(USERS, &user(json!({ "labels": { longest.clone(): longest } })))
        .await
        .expect(200);
    patch(&owner, &json!({ "metadata": { "labels": entries(50) } }))
        .await
        .expect(200);
    let one_more = json!({ "metadata": { "labels": { "one-more": "" } } });
    check_field("the 51st", &patch(&owner, &one_more).await, "metadata.labels");
    let instead = json!({ "metadata": { "labels": { "one-more": "", "k0": null } } });
    patch(&owner, &instead).await.expect(200);
}

#[tokio::test]
async fn annotations_that_are_too_many_or_too_long_are_refused() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    owner
        .post(USERS, &json!({ "name": "alice", "email": "alice@example.com" }))
        .await
        .expect(200);
    let before = totals(&owner).await;
    let own = |annotations: &Value| json!({ "metadata": { "name": "admin", "annotations": annotations }, "spec": { "displayName": "A" } });
    for annotations in [
        entries(101),
        json!({ "": "v" }),
        json!({ "a".repeat(254): "v" }),
        json!({ "key": "v".repeat(10_001) }),
    ] {
        let row: String = annotations.to_string().chars().take(60).collect();
        let reply = owner.post(USERS, &user(json!({ "annotations": annotations }))).await;
        check_field(&row, &reply, "annotations");
        let reply = patch(&owner, &json!({ "metadata": { "annotations": annotations } })).await;
        check_field(&row, &reply, "metadata.annotations");
        let reply = owner.put(&format!("{USERS}/-"), &own(&annotations)).await;
        check_field(&row, &reply, "metadata.annotations");
    }
    assert_eq!(totals(&owner).await, before);
    for name in ["alice", "-"] {
        let seen = owner.get(&format!("{USERS}/{name}")).await.expect(200);
        assert_eq!(seen["user"]["metadata"]["annotations"], json!({}), "{name}");
    }

    let long = json!({ "a".repeat(253): "v".repeat(10_000) });
    for just in [entries(100), long] {
        patch(&owner, &json!({ "metadata": { "annotations": null } }))
            .await
            .expect(200);
        patch(&owner, &json!({ "metadata": { "annotations": just } }))
            .await
            .expect(200);
        owner.put(&format!("{USERS}/-"), &own(&just)).await.expect(200);
    }
}
