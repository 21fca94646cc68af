//! A tenant out of its file: on another instance, and in its own place.

use super::{KEY, check, download, instance, make, reading, restore, upload};
use crate::support::{
    PASSWORD, Person, Tenant, TestApp, free_port,
    issuer::Issuer,
    roles::{CONSOLE, USERS, allow, make_person, make_role, may, set_rules},
    smtp::sender_at,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tenantry::{
    account::{How, Restoring},
    kit::archive::Refusal,
};

/// A tenant that has something of most kinds.
pub(super) async fn furnished(app: &TestApp) -> Person<'_> {
    let owner = app.tenant("acme").await.owner().await;
    make_role(&owner, "clerk", "support", &[]).await;
    make_person(&owner, "ada", "clerk").await;
    make_person(&owner, "bob", "user").await;
    let post = async |path: &str, new: Value| owner.post(&format!("{CONSOLE}/{path}"), &new).await.expect(200);
    let provider = json!({
        "kind": "oidc", "displayName": "Elsewhere", "clientId": "rp", "clientSecret": "hush",
        "issuer": Issuer::start().base,
    });
    post(
        "auth-provider-configs",
        json!({ "metadata": { "name": "elsewhere" }, "spec": provider }),
    )
    .await;
    let mut sender = sender_at("relay", 587);
    sender["spec"]["encryption"] = "starttls".into();
    sender["spec"]["username"] = "u".into();
    sender["spec"]["password"] = "hush-hush".into();
    post("senders", sender).await;
    post(
        "applications",
        json!({ "preset": "web-server", "metadata": { "name": "shop" } }),
    )
    .await;
    post("notifiers/default-email-notifier/bounce-secret", Value::Null).await;
    upload(&owner).await;
    set_picture(&owner).await;
    app.work().await;
    owner
}

/// Gives somebody a picture.
async fn set_picture(who: &Person<'_>) {
    let mut png = std::io::Cursor::new(vec![]);
    let drawn = image::DynamicImage::new_rgb8(8, 8);
    drawn.write_to(&mut png, image::ImageFormat::Png).unwrap();
    let form = [
        b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n".as_slice(),
        png.get_ref(),
        b"\r\n--XX--\r\n",
    ];
    let request = who.request(Method::POST, &format!("{USERS}/-/avatar"));
    let request = request.header("content-type", "multipart/form-data; boundary=XX");
    who.send(request.body(form.concat())).await.expect(200);
}

/// What a tenant has, by its tables: but for what is counted and what says what happened.
pub(super) async fn contents(app: &TestApp, owner: &Person<'_>) -> Vec<(String, u64, String)> {
    let backup = make(owner, json!({})).await;
    let file = download(owner, &backup).await;
    let checked = check(app, &file).await.unwrap();
    let tables = checked.manifest.tables.into_iter();
    let happened = [
        "counter",
        "job",
        "job_attempt",
        "audit_event",
        "message",
        "session",
        "refresh_token",
        "stat",
        // A job adds those that a tenant still lacks.
        "signing_key",
    ];
    let compared = tables.filter(|table| !happened.contains(&table.name.as_str()));
    compared.map(|table| (table.name, table.rows, table.sha256)).collect()
}

/// The names of a tenant's keys.
async fn kids(owner: &Person<'_>) -> BTreeSet<String> {
    let list = owner.get(&format!("{CONSOLE}/signing-keys")).await.expect(200);
    let items = list["items"].as_array().unwrap().iter();
    items.map(|key| key["metadata"]["name"].to_string()).collect()
}

#[tokio::test]
async fn people_stay_signed_in_on_another_instance_where_that_is_asked_for() {
    let (here, there) = (instance().await, instance().await);
    let owner = here.tenant("acme").await.owner().await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    let how = How {
        keeps_sessions: true,
        ..How::default()
    };
    let read = Restoring::read(&there.app.services, &*there.app.files, &[], reading(&file), how).await;
    read.unwrap().put(reading(&file)).await.unwrap();
    there.advance(1);
    let refresh = json!({ "refreshToken": owner.tokens["refreshToken"] });
    let renewed = there.tenant_at("/t/acme").anybody().post("/v1/refresh", &refresh).await;
    assert!(renewed.expect(200)["accessToken"].is_string());
}

#[tokio::test]
async fn a_tenant_is_the_same_on_another_instance() {
    let (here, there) = (instance().await, instance().await);
    let owner = furnished(&here).await;
    let backup = make(&owner, json!({})).await;
    let file = download(&owner, &backup).await;
    restore(&there, &file).await.unwrap();

    let tenant = Tenant {
        app: &there,
        base: format!("{}/t/acme", there.base),
    };
    // Passwords are as they were, and nobody is signed in.
    let stale = json!({ "refreshToken": owner.tokens["refreshToken"] });
    assert_eq!(tenant.anybody().post("/v1/refresh", &stale).await.status, 401);
    let same = tenant.sign_in("admin").await;
    let ada = tenant.sign_in("ada").await;
    assert_eq!(
        ada.get(&format!("{USERS}/-")).await.expect(200)["user"]["metadata"]["name"],
        "ada"
    );
    let files = same.get(&format!("{CONSOLE}/attachments")).await.expect(200);
    let name = files["items"][0]["metadata"]["name"].as_str().unwrap();
    let content = same.get(&format!("{CONSOLE}/attachments/{name}/content")).await;
    assert_eq!(content.text, "hello");
    let me = same.get(&format!("{USERS}/-")).await.expect(200)["user"].take();
    let picture = me["spec"]["avatar"].as_str().unwrap().strip_prefix(&tenant.base);
    assert_eq!(same.get(picture.unwrap()).await.status, 200);
    // Whoever trusts its keys trusts them still.
    assert!(kids(&same).await.is_superset(&kids(&owner).await));
    // The trail goes on where it was.
    let verified = same.get(&format!("{CONSOLE}/audit-events/-/verification")).await;
    assert_eq!(verified.expect(200)["intact"], true);

    let (before, after) = (contents(&here, &owner).await, contents(&there, &same).await);
    let differ: Vec<_> = before.iter().zip(&after).filter(|(a, b)| a != b).collect();
    let may: Vec<_> = differ.iter().map(|(a, _)| a.0.as_str()).collect();
    // Signing in is written with the user.
    assert!(
        may.iter().all(|name| ["user", "user_network"].contains(name)),
        "{differ:?}"
    );
    assert_eq!(before.len(), after.len());
}

#[tokio::test]
async fn a_copy_is_a_tenant_of_its_own_beside_the_one_it_is_of() {
    let app = instance().await;
    let owner = furnished(&app).await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    let copied = async |name: &str| {
        let how = How {
            copy: Some(name.parse().unwrap()),
            ..How::default()
        };
        let read = Restoring::read(&app.app.services, &*app.app.files, &[], reading(&file), how).await;
        read.unwrap().put(reading(&file)).await
    };
    copied("twin").await.unwrap();
    let taken = copied("twin").await.unwrap_err();
    assert!(taken.to_string().contains("has this name"), "{taken:#}");
    app.advance(1);

    let twin = app.tenant_at("/t/twin");
    let stale = json!({ "refreshToken": owner.tokens["refreshToken"] });
    assert_eq!(twin.anybody().post("/v1/refresh", &stale).await.status, 401);
    let admin = twin.sign_in("admin").await;
    let (ours, its) = (kids(&owner).await, kids(&admin).await);
    assert!(!its.is_empty() && its.is_disjoint(&ours), "its keys are its own");
    let id = async |name: &str| app.app.find_tenant(name).await.unwrap().unwrap().id;
    assert_ne!(id("twin").await, id("acme").await);
    // Files and secrets came along, sealed and kept for it.
    let files = admin.get(&format!("{CONSOLE}/attachments")).await.expect(200);
    let name = files["items"][0]["metadata"]["name"].as_str().unwrap().to_owned();
    let content = admin.get(&format!("{CONSOLE}/attachments/{name}/content")).await;
    assert_eq!(content.text, "hello");
    check(&app, &download(&admin, &make(&admin, json!({})).await).await)
        .await
        .unwrap();
    // Its history begins with where it is from, and goes on by itself.
    let events = admin.get(&format!("{CONSOLE}/audit-events?size=200")).await.expect(200);
    let first = events["items"].as_array().unwrap().last().unwrap();
    assert_eq!(first["action"], "restorations:create", "{first}");
    let verified = admin.get(&format!("{CONSOLE}/audit-events/-/verification")).await;
    assert_eq!(verified.expect(200)["intact"], true);
    // What happens to one is nothing to the other.
    admin.delete(&format!("{USERS}/bob")).await.expect(204);
    admin.delete(&format!("{CONSOLE}/attachments/{name}")).await.expect(204);
    app.advance(25 * 3600);
    app.work().await;
    let owner = owner.tenant.sign_in("admin").await;
    owner.get(&format!("{USERS}/bob")).await.expect(200);
    let content = owner.get(&format!("{CONSOLE}/attachments/{name}/content")).await;
    assert_eq!(content.text, "hello");
}

#[tokio::test]
async fn a_tenant_that_is_restored_goes_on_making_its_backups() {
    let (here, there) = (instance().await, instance().await);
    let owner = here.tenant("acme").await.owner().await;
    let policy = format!("{CONSOLE}/policies/backups");
    let mut decided = owner.get(&policy).await.expect(200);
    decided["spec"]["enabled"] = true.into();
    owner.put(&policy, &decided).await.expect(200);
    let file = download(&owner, &make(&owner, json!({})).await).await;
    restore(&there, &file).await.unwrap();
    there.advance(25 * 3600);
    there.work().await;
    let owner = there.tenant_at("/t/acme").sign_in("admin").await;
    let list = owner.get(&format!("{CONSOLE}/backups")).await.expect(200);
    assert_eq!(list["items"][0]["spec"]["scheduled"], true, "{list}");
}

#[tokio::test]
async fn a_mail_that_waited_is_not_sent_by_whoever_restores_it() {
    let (port, there) = (free_port(), instance().await);
    let mut here = TestApp::start_with(|config| {
        config.master_key = Some(KEY.to_owned());
        config.smtp_ports = vec![port];
    })
    .await;
    here.abandon_jobs();
    let owner = here.tenant("acme").await.owner().await;
    let post = async |path: &str, new: Value| owner.post(&format!("{CONSOLE}/{path}"), &new).await.expect(200);
    post("senders", sender_at("relay", port)).await;
    let states = async |owner: &Person<'_>| {
        let list = owner
            .get(&format!("{CONSOLE}/messages?sort=metadata.creationTimestamp,asc"))
            .await;
        let items = list.expect(200)["items"].as_array().unwrap().clone();
        items
            .iter()
            .map(|item| item["status"]["state"].clone())
            .collect::<Vec<_>>()
    };
    post("invitations", json!({ "spec": { "email": "one@example.com" } })).await;
    here.work().await;
    post("invitations", json!({ "spec": { "email": "two@example.com" } })).await;
    assert_eq!(states(&owner).await, ["deferred", "queued"]);
    let file = download(&owner, &make(&owner, json!({})).await).await;
    restore(&there, &file).await.unwrap();
    let owner = there.tenant_at("/t/acme").sign_in("admin").await;
    assert_eq!(states(&owner).await, ["failed", "failed"]);
}

#[tokio::test]
async fn in_its_own_place_what_was_ended_since_stays_so() {
    let app = instance().await;
    let owner = furnished(&app).await;
    let secrets = format!("{CONSOLE}/applications/shop/secrets");
    let secret = owner.post(&secrets, &json!({})).await.expect(200);
    let secret = secret["metadata"]["name"].as_str().unwrap();
    let backup = make(&owner, json!({})).await;
    let file = download(&owner, &backup).await;

    owner.delete(&format!("{USERS}/bob")).await.expect(204);
    make_person(&owner, "eve", "user").await;
    owner
        .post(&format!("{USERS}/ada/disable"), &json!({}))
        .await
        .expect(200);
    owner.post(&secrets, &json!({})).await.expect(200);
    owner.delete(&format!("{secrets}/{secret}")).await.expect(204);
    let renamed = json!({ "spec": { "displayName": "Renamed" } });
    let patch = owner
        .request(Method::PATCH, &format!("{CONSOLE}/roles/clerk"))
        .json(&renamed);
    owner.send(patch).await.expect(200);
    restore(&app, &file).await.unwrap();

    assert_eq!(owner.get(&format!("{USERS}/-")).await.status, 401, "sessions are over");
    let owner = owner.tenant.sign_in("admin").await;
    let names = owner.get(&format!("{USERS}?sort=metadata.name")).await.expect(200);
    let names: Vec<_> = names["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["user"]["metadata"]["name"])
        .collect();
    assert_eq!(names, ["ada", "admin", "bob"]);
    let ada = owner.get(&format!("{USERS}/ada")).await.expect(200);
    assert_eq!(ada["user"]["spec"]["disabled"], true);
    let list = owner.get(&secrets).await.expect(200);
    assert!(
        !list.to_string().contains(secret),
        "a secret that was withdrawn does not come back: {list}"
    );
    let role = owner.get(&format!("{CONSOLE}/roles/clerk")).await.expect(200);
    assert_ne!(role["spec"]["displayName"], "Renamed");
    // The deeds are in the trail all the same, and that they were undone.
    let events = owner.get(&format!("{CONSOLE}/audit-events?size=200")).await.expect(200);
    let actions: Vec<_> = events["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["action"].as_str().unwrap())
        .collect();
    assert!(
        actions.contains(&"users:delete") && actions.contains(&"restorations:create"),
        "{actions:?}"
    );
    let verified = owner.get(&format!("{CONSOLE}/audit-events/-/verification")).await;
    assert_eq!(verified.expect(200)["intact"], true);
}

#[tokio::test]
async fn roles_that_were_changed_after_a_restore_are_those_that_count() {
    let app = instance().await;
    let owner = app.tenant("acme").await.owner().await;
    let rule = |verb: &str| vec![allow("users", verb)];
    make_role(&owner, "clerk", "", &rule("list")).await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    set_rules(&owner, "clerk", &rule("delete")).await.expect(200);
    make_person(&owner, "ada", "clerk").await;
    restore(&app, &file).await.unwrap();

    let owner = owner.tenant.sign_in("admin").await;
    set_rules(&owner, "clerk", &rule("get")).await.expect(200);
    let ada = make_person(&owner, "ada", "clerk").await;
    let may = may(&ada, "-").await;
    assert!(may.iter().any(|rule| rule == "users:get"), "{may:?}");
    assert!(!may.iter().any(|rule| rule == "users:delete"), "{may:?}");
}

#[tokio::test]
async fn a_file_that_is_not_whole_changes_nothing() {
    let app = instance().await;
    let owner = furnished(&app).await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    let before = app.dump().await;
    let mut changed = file.clone();
    *changed.last_mut().unwrap() ^= 1;
    for wrong in [
        &changed[..],
        &file[..file.len() - 1],
        &file[..file.len() / 2],
        b"PK\x03\x04",
        b"",
    ] {
        let refused = restore(&app, wrong).await.unwrap_err();
        assert!(refused.downcast_ref::<Refusal>().is_some(), "{refused:#}");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn a_file_is_nothing_to_an_instance_with_another_key() {
    let (here, there) = (
        instance().await,
        TestApp::start_with(|config| {
            config.master_key = Some(KEY.replace('b', "c"));
        })
        .await,
    );
    let owner = here.tenant("acme").await.owner().await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    let refused = restore(&there, &file).await.unwrap_err();
    assert_eq!(refused.downcast_ref::<Refusal>(), Some(&Refusal::Foreign));
}

#[tokio::test]
async fn a_file_of_another_past_of_the_tenant_is_not_put_over_this_one() {
    let (here, there) = (instance().await, instance().await);
    let owner = here.tenant("acme").await.owner().await;
    let first = download(&owner, &make(&owner, json!({})).await).await;
    restore(&there, &first).await.unwrap();
    // From here on they are two.
    make_person(&owner, "ada", "user").await;
    let second = download(&owner, &make(&owner, json!({})).await).await;
    let refused = restore(&there, &second).await.unwrap_err();
    assert!(format!("{refused:#}").contains("head"), "{refused:#}");
    restore(&here, &second).await.unwrap();
}

#[tokio::test]
async fn no_secret_is_in_the_file_in_the_clear() {
    let app = instance().await;
    let owner = furnished(&app).await;
    let file = download(&owner, &make(&owner, json!({})).await).await;
    let has = |word: &str| file.windows(word.len()).any(|part| part == word.as_bytes());
    assert!(has("acme"), "what is in the clear is found so");
    for secret in ["hush", "admin@localhost", "argon2id", PASSWORD] {
        assert!(!has(secret), "{secret}");
    }
}
