//! `systemconfigs/{group}`.

use super::{GROUPS, policy};
use crate::support::{
    Person, TestApp,
    roles::{CONSOLE, allow, make_person, make_role, patch, wrong_fields},
};
use reqwest::Method;
use serde_json::{Value, json};

const HALO: &str = "/apis/console.api.halo.run/v1alpha1/systemconfigs";
const ALL: &[&str] = &[
    "basic",
    "user",
    "mail",
    "attachment",
    "authProvider",
    "security",
    "notifications",
];

async fn group(by: &Person<'_>, name: &str) -> Value {
    by.get(&format!("{GROUPS}/{name}")).await.expect(200)
}

async fn status(by: &Person<'_>, name: &str) -> Value {
    by.get(&format!("{GROUPS}/{name}/status")).await.expect(200)
}

#[tokio::test]
async fn a_group_and_the_policy_that_keeps_it_always_agree() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let new = json!({ "title": "Acme", "subtitle": "All of it", "contactEmail": "help@acme.example" });
    owner.put(&format!("{GROUPS}/basic"), &new).await.expect(204);
    let spec = owner.get(&policy("branding")).await.expect(200)["spec"].take();
    assert_eq!(
        (&spec["displayName"], &spec["subtitle"]),
        (&json!("Acme"), &json!("All of it"))
    );
    assert_eq!(spec["color"], "#1864ab", "what a group does not show stays");

    let origins = json!({ "spec": { "allowedOrigins": ["https://app.example.com"] } });
    owner.put(&policy("cross-origin"), &origins).await.expect(200);
    assert_eq!(
        group(&owner, "security").await["crossOrigins"],
        json!(["https://app.example.com"])
    );
    patch(
        &owner,
        &format!("{GROUPS}/security"),
        &json!({ "crossOrigins": ["https://b.example.com"] }),
    )
    .await
    .expect(200);
    let spec = owner.get(&policy("cross-origin")).await.expect(200)["spec"].take();
    assert_eq!(spec["allowedOrigins"], json!(["https://b.example.com"]));

    // Who may be invited stays so where not everybody may sign up.
    owner
        .put(&policy("sign-up"), &json!({ "spec": { "mode": "closed" } }))
        .await
        .expect(200);
    assert_eq!(group(&owner, "user").await["allowRegistration"], false);
    for (allowed, mode) in [(false, "closed"), (true, "open"), (false, "invited")] {
        let change = json!({ "allowRegistration": allowed });
        patch(&owner, &format!("{GROUPS}/user"), &change).await.expect(200);
        let spec = owner.get(&policy("sign-up")).await.expect(200)["spec"].take();
        assert_eq!(spec["mode"], mode);
    }
}

#[tokio::test]
async fn what_the_tenant_did_not_decide_is_inherited_member_by_member() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let path = format!("{GROUPS}/user");
    let before = status(&owner, "user").await;
    assert_eq!((&before["isDefault"], &before["version"]), (&json!(true), &json!(0)));

    let new = json!({ "mustVerifyEmailOnRegistration": true, "protectedUsernames": ["Root"] });
    owner.put(&path, &new).await.expect(204);
    let now = status(&owner, "user").await;
    let decided = |status: &Value| {
        let members = status["members"].as_array().unwrap().iter();
        let decided = members.filter(|member| member["decided"] == true);
        decided
            .map(|member| member["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(decided(&now), ["mustVerifyEmailOnRegistration", "protectedUsernames"]);
    assert_eq!(group(&owner, "user").await["protectedUsernames"], json!(["root"]));
    // Only these are stored.
    let stored = app
        .count("select count(*) from setting where cast(value as text) like '%mode%'")
        .await;
    assert_eq!(stored, 0);

    // A patch leaves the others; null is what is inherited.
    let change = json!({ "mustVerifyEmailOnRegistration": null });
    let patched = patch(&owner, &path, &change).await.expect(200);
    assert_eq!(patched["protectedUsernames"], json!(["root"]));
    assert_eq!(decided(&status(&owner, "user").await), ["protectedUsernames"]);
    // A whole group leaves what it does not name to be inherited.
    owner.put(&path, &json!({})).await.expect(204);
    assert_eq!(status(&owner, "user").await["isDefault"], true);

    owner.put(&path, &new).await.expect(204);
    owner.delete(&path).await.expect(204);
    assert_eq!(status(&owner, "user").await["isDefault"], true);
    assert_eq!(group(&owner, "user").await["protectedUsernames"], json!([]));
}

#[tokio::test]
async fn wrong_members_are_named_and_change_nothing() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for (name, wrong, fields) in [
        ("basic", json!({ "logoUrl": "http://plain.example/a.png" }), "logoUrl"),
        ("basic", json!({ "headline": "Acme" }), "headline"),
        ("basic", json!({ "contactEmail": "nobody" }), "contactEmail"),
        ("user", json!({ "allowRegistration": "yes" }), "allowRegistration"),
        (
            "user",
            json!({ "protectedUsernames": ["a b"] }),
            "protectedUsernames[0]",
        ),
        ("mail", json!({ "useInstanceSender": 1 }), "useInstanceSender"),
        ("security", json!({ "crossOrigins": ["*"] }), "crossOrigins[0]"),
        ("authProvider", json!({ "states": [] }), ""),
        ("authProvider", json!({ "states": [{ "name": "a" }] }), "states"),
    ] {
        let path = format!("{GROUPS}/{name}");
        let before = status(&owner, name).await;
        for reply in [owner.put(&path, &wrong).await, patch(&owner, &path, &wrong).await] {
            match fields {
                "" => assert!(reply.status.is_success(), "{}", reply.text),
                _ => assert_eq!(wrong_fields(reply), [fields], "{name} {wrong}"),
            }
        }
        assert_eq!(status(&owner, name).await, before);
    }
    let text = owner.request(Method::PUT, &format!("{GROUPS}/mail")).body("{}");
    owner
        .send(text.header("content-type", "text/plain"))
        .await
        .expect_problem(415, "unsupported_media_type");
    owner
        .put(&format!("{GROUPS}/mail"), &json!([]))
        .await
        .expect_problem(400, "invalid");
}

#[tokio::test]
async fn an_unknown_group_is_not_there_but_halos_clients_are_answered_with_nothing() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    for path in [
        format!("{GROUPS}/post"),
        format!("{GROUPS}/-/schemas/post"),
        format!("{GROUPS}/post/status"),
    ] {
        owner.get(&path).await.expect_problem(404, "config_group_not_found");
    }
    assert_eq!(owner.get(&format!("{HALO}/post")).await.expect(200), json!({}));
    assert_eq!(
        owner.get(&format!("{HALO}/basic")).await.expect(200),
        group(&owner, "basic").await
    );
    // What would be lost is refused on both.
    for base in [GROUPS, HALO] {
        let path = format!("{base}/post");
        owner
            .put(&path, &json!({ "a": 1 }))
            .await
            .expect_problem(404, "config_group_not_found");
    }
    owner
        .put(&format!("{HALO}/mail"), &json!({ "useInstanceSender": false }))
        .await
        .expect(204);
    assert_eq!(group(&owner, "mail").await["useInstanceSender"], false);
}

#[tokio::test]
async fn of_two_who_write_the_same_version_one_is_told() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let path = format!("{GROUPS}/mail");
    let write = async |tag: &str, of: bool| {
        let request = owner.request(Method::PUT, &path).header("if-match", tag);
        owner.send(request.json(&json!({ "useInstanceSender": of }))).await
    };
    let tag = owner.get(&path).await.header("etag").to_owned();
    write(&tag, false).await.expect(204);
    write(&tag, true).await.expect_problem(412, "precondition_failed");
    let tag = owner.get(&path).await.header("etag").to_owned();
    write(&tag, true).await.expect(204);
}

#[tokio::test]
async fn schemas_say_what_the_server_takes() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let all = owner.get(&format!("{GROUPS}/-/schemas")).await.expect(200);
    let names: Vec<_> = all.as_object().unwrap().keys().map(String::as_str).collect();
    let mut known = ALL.to_vec();
    known.sort_unstable();
    assert_eq!(names, known);
    for name in ALL {
        let schema = owner.get(&format!("{GROUPS}/-/schemas/{name}")).await.expect(200);
        assert_eq!(schema, all[*name]);
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let members = group(&owner, name).await;
        let faults: Vec<_> = validator.iter_errors(&members).map(|fault| fault.to_string()).collect();
        assert!(faults.is_empty(), "{name}: {faults:?}");
        if *name == "authProvider" {
            continue;
        }
        // Each member replaced by a value of each type: the schema and the server judge alike.
        for member in members.as_object().unwrap().keys() {
            for value in [
                json!(1),
                json!("x"),
                json!({}),
                json!(true),
                json!([1]),
                json!("https://a.example/b"),
            ] {
                let mut changed = members.clone();
                changed[member] = value.clone();
                let reply = owner.put(&format!("{GROUPS}/{name}"), &changed).await;
                let is_right = validator.is_valid(&changed);
                // What only the server knows: the format of a string, and which roles there are.
                let code = reply.text.contains("\"format\"") || reply.text.contains("role_unknown");
                assert!(
                    reply.status.is_success() == is_right || (is_right && code),
                    "{name}.{member} = {value}: {}",
                    reply.text
                );
            }
        }
        owner.delete(&format!("{GROUPS}/{name}")).await.expect(204);
    }
}

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_nobody_from_signing_in() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let spec = json!({ "spec": { "mode": "invited", "blockedDomains": ["bad.example"] } });
    owner.put(&policy("sign-up"), &spec).await.expect(200);
    let poison = r#"{"mode":"whenever","blockedDomains":["bad.example"],"later":1}"#;
    app.execute(&format!("update setting set value = '{poison}' where name = 'sign-up'"))
        .await;
    app.execute(
        "insert into setting (name, value, version, updated_at) values ('sessions', '[3]', 1, current_timestamp)",
    )
    .await;
    app.advance(2);

    let again = tenant.sign_in("admin").await;
    let members = group(&again, "user").await;
    assert_eq!(members["allowRegistration"], true, "as by default");
    assert_eq!(
        members["blockedEmailDomains"],
        json!(["bad.example"]),
        "what is valid holds"
    );
    assert_eq!(status(&again, "user").await["problems"], json!(["allowRegistration"]));
    // Writing it mends it.
    patch(
        &again,
        &format!("{GROUPS}/user"),
        &json!({ "allowRegistration": false }),
    )
    .await
    .expect(200);
    assert_eq!(status(&again, "user").await["problems"], json!([]));
}

#[tokio::test]
async fn a_role_can_be_given_for_one_group_alone() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let rule = json!({ "resources": ["systemconfigs"], "verbs": ["get", "update"], "resourceNames": ["mail"] });
    make_role(&owner, "postmaster", "", &[rule]).await;
    let clerk = make_person(&owner, "clerk", "postmaster").await;
    group(&clerk, "mail").await;
    clerk
        .put(&format!("{GROUPS}/mail"), &json!({ "codeInSubject": true }))
        .await
        .expect(204);
    clerk
        .get(&format!("{GROUPS}/basic"))
        .await
        .expect_problem(403, "forbidden");
    clerk
        .put(&format!("{GROUPS}/basic"), &json!({}))
        .await
        .expect_problem(403, "forbidden");
}

#[tokio::test]
async fn nobody_lets_newcomers_have_what_they_may_not_give() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let rules = [
        allow("systemconfigs policies policies/configs", "get update"),
        allow("users", "list"),
    ];
    make_role(&owner, "clerk", "", &rules).await;
    make_role(&owner, "lister", "", &[allow("users", "list")]).await;
    let clerk = make_person(&owner, "carl", "clerk").await;
    let user = format!("{GROUPS}/user");
    for role in ["owner", "support"] {
        let spec = json!({ "spec": { "mode": "open", "defaultRole": role } });
        let flat = json!({ "mode": "open", "defaultRole": role });
        clerk
            .put(&policy("sign-up"), &spec)
            .await
            .expect_problem(403, "escalation");
        clerk
            .put(&user, &json!({ "defaultRole": role }))
            .await
            .expect_problem(403, "escalation");
        patch(&clerk, &user, &json!({ "defaultRole": role }))
            .await
            .expect_problem(403, "escalation");
        let path = format!("{CONSOLE}/policies/sign-up/configs/default");
        clerk.put(&path, &flat).await.expect_problem(403, "escalation");
    }
    assert_eq!(group(&owner, "user").await["defaultRole"], Value::Null);
    clerk.put(&user, &json!({ "defaultRole": "lister" })).await.expect(204);
    clerk
        .put(&user, &json!({ "defaultRole": "nobody" }))
        .await
        .expect_problem(400, "role_unknown");
    owner.put(&user, &json!({ "defaultRole": "support" })).await.expect(204);
    // One that stays is not given anew.
    let change = json!({ "mustVerifyEmailOnRegistration": true });
    patch(&clerk, &user, &change).await.expect(200);
}
