//! What is known of files: brought, listed, changed, removed, grouped.

use super::{
    Place, decide, field, file, in_both, is_exact, long_text, name, patch, path, picture, place, room, seen, send,
    upload, upload_text,
};
use crate::support::{
    Person, TestApp,
    roles::{CONSOLE, make_person},
};
use image::ImageFormat;
use serde_json::{Value, json};

const FILES: &str = "/apis/console/v1alpha1/attachments";

in_both!(
    a_short_and_a_long_file_come_back_as_they_were,
    the_same_bytes_are_kept_once_in_a_tenant_and_apart_in_two,
);

async fn a_short_and_a_long_file_come_back_as_they_were(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    for text in ["short".to_owned(), long_text(5 << 20), long_text((11 << 20) + 7)] {
        let made = upload(&owner, "notes.txt", "text/plain", text.as_bytes())
            .await
            .expect(200);
        assert_eq!(made["spec"]["size"], text.len());
        assert_eq!(made["spec"]["mediaType"], "text/plain");
        assert_eq!(made["spec"]["ownerName"], "admin");
        assert_eq!(made["spec"]["visibility"], "private");
        let (status, headers, bytes) = seen(&owner, &place(&owner, &made), &[]).await;
        assert_eq!(status, 200);
        assert_eq!(headers["content-length"], text.len().to_string().as_str());
        assert!(bytes == text.as_bytes(), "{} of {} bytes", bytes.len(), text.len());
    }
    is_exact(&app).await;
    assert_eq!(room(&app).await.1, [3, 0, 0]);
}

async fn the_same_bytes_are_kept_once_in_a_tenant_and_apart_in_two(at: &Place) {
    let app = at.app().await;
    let owner = app.default_tenant().owner().await;
    let other = app.tenant("other").await.owner().await;
    let (first, second) = (upload_text(&owner, "twice").await, upload_text(&owner, "twice").await);
    assert_ne!(name(&first), name(&second));
    assert_eq!(used(&owner).await, 5);
    let theirs = upload_text(&other, "twice").await;
    assert_eq!(super::kept(&app).await.len(), 2);

    owner.delete(&path(&first)).await.expect(204);
    assert_eq!(seen(&owner, &place(&owner, &second), &[]).await.2, b"twice");
    owner.delete(&path(&second)).await.expect(204);
    app.advance(25 * 3600);
    app.work().await;
    let (owner, other) = (owner.tenant.owner().await, other.tenant.owner().await);
    assert_eq!((used(&owner).await, used(&other).await), (json!(0), json!(5)));
    assert_eq!(seen(&other, &place(&other, &theirs), &[]).await.2, b"twice");
    assert_eq!(super::kept(&app).await.len(), 1);
}

async fn used(who: &Person<'_>) -> Value {
    who.get(&format!("{FILES}/-/usage")).await.expect(200)["usedBytes"].clone()
}

/// Makes a group, and returns its name.
async fn make_group(owner: &Person<'_>, name: &str, hidden: bool) -> String {
    let new = json!({ "spec": { "displayName": name, "hidden": hidden } });
    let made = owner
        .post(&format!("{CONSOLE}/attachment-groups"), &new)
        .await
        .expect(200);
    made["metadata"]["name"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_in_a_group_that_goes_is_in_none() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let reports = make_group(&owner, "Reports", false).await;
    make_group(&owner, "Hidden", true).await;
    for text in ["one", "two"] {
        let parts = [
            field("groupName", &reports),
            file("a.txt", "text/plain", text.as_bytes()),
        ];
        send(&owner, &parts).await.expect(200);
    }
    upload_text(&owner, "three").await;
    let groups = owner.get(&format!("{CONSOLE}/attachment-groups")).await.expect(200);
    assert_eq!(groups["items"].as_array().unwrap().len(), 1, "{groups}");
    owner
        .delete(&format!("{CONSOLE}/attachment-groups/{reports}"))
        .await
        .expect(204);
    let ungrouped = owner.get(&format!("{FILES}?ungrouped=true")).await.expect(200);
    assert_eq!(ungrouped["total"], 3);
}

#[tokio::test]
async fn files_are_found_by_what_they_are_and_where_they_are_put() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let (reports, hidden) = (
        make_group(&owner, "Reports", false).await,
        make_group(&owner, "Hidden", true).await,
    );
    let put = async |name: &str, kind: &str, bytes: &[u8], group: Option<&str>| {
        let mut parts = vec![file(name, kind, bytes)];
        // Also behind the file, as Halo's client sends it.
        parts.extend(group.map(|group| field("groupName", group)));
        parts.push(field("policyName", "default-policy"));
        let made = send(&owner, &parts).await.expect(200);
        app.advance(1);
        made
    };
    let png = picture(ImageFormat::Png, 16, 8);
    put("Quarter 100%.txt", "text/plain", b"one", Some(&reports)).await;
    let table = put("table.csv", "text/csv", b"a,b\n1,2\n", None).await;
    put("logo.png", "image/png", &png, Some(&reports)).await;
    put("secret.txt", "text/plain", b"two", Some(&hidden)).await;
    let labels = json!({ "metadata": { "labels": { "year": "2026" } }, "spec": { "visibility": "public" } });
    patch(&owner, &table, &labels).await.expect(200);

    for (query, expected) in [
        ("", vec!["logo.png", "table.csv", "Quarter 100%.txt"]),
        (
            "sort=metadata.creationTimestamp,asc",
            vec!["Quarter 100%.txt", "table.csv", "logo.png"],
        ),
        ("keyword=QUARTER", vec!["Quarter 100%.txt"]),
        ("keyword=0%25.", vec!["Quarter 100%.txt"]),
        ("keyword=_", vec![]),
        ("ungrouped=true", vec!["table.csv"]),
        ("accepts=image/*", vec!["logo.png"]),
        ("accepts=text/csv&accepts=image/png", vec!["logo.png", "table.csv"]),
        ("labelSelector=year=2026", vec!["table.csv"]),
        ("labelSelector=!year", vec!["logo.png", "Quarter 100%.txt"]),
        ("fieldSelector=spec.mediaType=text/plain", vec!["Quarter 100%.txt"]),
        ("fieldSelector=spec.visibility=public", vec!["table.csv"]),
        (
            format!("fieldSelector=spec.groupName={reports}").as_str(),
            vec!["logo.png", "Quarter 100%.txt"],
        ),
        (
            format!("fieldSelector=spec.groupName!={reports}").as_str(),
            vec!["table.csv"],
        ),
        (format!("fieldSelector=spec.groupName={hidden}").as_str(), vec![]),
        (
            format!("fieldSelector=metadata.name={}", name(&table)).as_str(),
            vec!["table.csv"],
        ),
    ] {
        let list = owner.get(&format!("{FILES}?{query}")).await.expect(200);
        let names: Vec<_> = list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| &item["spec"]["displayName"])
            .collect();
        assert_eq!(names, expected, "{query}");
    }
}

#[tokio::test]
async fn a_picture_that_the_tenant_shows_itself_with_stays_and_anybody_sees_it() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let brand = async |member: &str, address: &str| {
        let policy = json!({ "spec": { "color": "#112233", member: address, "applications": [] } });
        owner.put(&format!("{CONSOLE}/policies/branding"), &policy).await
    };
    let made = upload(&owner, "logo.png", "image/png", &picture(ImageFormat::Png, 16, 8)).await;
    let made = made.expect(200);
    let text = upload_text(&owner, "no picture").await;
    let show = json!({ "spec": { "visibility": "public" } });
    let of = |file: &Value| format!("/files/{}/logo.png", file["status"]["sha256"].as_str().unwrap());
    patch(&owner, &text, &show).await.expect(200);
    for (row, address) in [
        ("private", of(&made)),
        ("a text", of(&text)),
        ("nobody's", format!("/files/{}/logo.png", "0".repeat(64))),
    ] {
        for member in ["logoUrl", "logoUrlDark", "iconUrl"] {
            let problem = brand(member, &address).await.expect_problem(400, "invalid");
            assert_eq!(
                problem["errors"][0]["field"],
                format!("spec.{member}"),
                "{row}: {problem}"
            );
        }
    }
    let basic = json!({ "logoUrl": of(&made) });
    let problem = owner.put(&format!("{CONSOLE}/systemconfigs/basic"), &basic).await;
    assert_eq!(problem.expect_problem(400, "invalid")["errors"][0]["field"], "logoUrl");

    patch(&owner, &made, &show).await.expect(200);
    for member in ["logoUrl", "logoUrlDark", "iconUrl"] {
        brand(member, &of(&made)).await.expect(200);
        owner
            .delete(&path(&made))
            .await
            .expect_problem(409, "attachment_in_use");
        let hide = json!({ "spec": { "visibility": "private" } });
        patch(&owner, &made, &hide)
            .await
            .expect_problem(409, "attachment_in_use");
    }
    owner.delete(&path(&text)).await.expect(204);
    brand("subtitle", "Without a logo").await.expect(200);
    owner.delete(&path(&made)).await.expect(204);
}

#[tokio::test]
async fn a_file_is_changed_found_by_its_address_and_removed() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let made = upload_text(&owner, "one").await;
    let private = made["status"]["permalink"].clone();
    let change = json!({ "metadata": { "version": 1 }, "spec": { "displayName": "Ä b.txt", "visibility": "public" } });
    let changed = patch(&owner, &made, &change).await.expect(200);
    assert_eq!(changed["metadata"]["version"], 2);
    let public = changed["status"]["permalink"].clone();
    assert!(public.as_str().unwrap().ends_with("/%C3%84%20b%2Etxt"), "{public}");
    patch(&owner, &made, &change)
        .await
        .expect_problem(409, "version_conflict");

    let ask = json!({ "urls": [private, public, "https://elsewhere.example/files/x/y", "nothing"] });
    let found = owner
        .post(&format!("{FILES}/-/match-permalinks"), &ask)
        .await
        .expect(200);
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "{found}");

    let logo = json!({ "spec": { "displayName": null, "color": "#112233", "logoUrl": "https://elsewhere.example/x.png", "homeUrl": null, "applications": [] } });
    owner
        .put(&format!("{CONSOLE}/policies/branding"), &logo)
        .await
        .expect(200);
    owner.delete(&path(&made)).await.expect(204);
    owner
        .get(&path(&made))
        .await
        .expect_problem(404, "attachment_not_found");
    owner
        .delete(&path(&made))
        .await
        .expect_problem(404, "attachment_not_found");
    let (status, ..) = seen(&owner, &place(&owner, &changed), &[]).await;
    assert_eq!(status, 404, "nobody has its address any more");
}

#[tokio::test]
async fn files_are_seen_by_whom_the_roles_say() {
    let app = TestApp::start().await;
    let owner = app.default_tenant().owner().await;
    let made = upload_text(&owner, "one").await;
    let manager = make_person(&owner, "manager", "attachment-manager").await;
    let auditor = make_person(&owner, "eve", "auditor").await;
    let content = place(&owner, &made);
    assert_eq!(seen(&manager, &content, &[]).await.0, 200);
    assert_eq!(seen(&auditor, &content, &[]).await.0, 403);
    assert_eq!(seen(&owner.tenant.anybody(), &content, &[]).await.0, 401);
    assert_eq!(
        auditor.get(&path(&made)).await.expect(200)["spec"]["ownerName"],
        "admin"
    );
    upload(&auditor, "a.txt", "text/plain", b"x")
        .await
        .expect_problem(403, "forbidden");
    decide(&owner, &json!({ "defaultVisibility": "public" })).await;
    let public = upload_text(&manager, "two").await;
    assert_eq!(seen(&owner.tenant.anybody(), &place(&owner, &public), &[]).await.0, 200);
    let usage = owner.get(&format!("{FILES}/-/usage")).await.expect(200);
    assert_eq!(usage["usedBytes"], 6, "{usage}");
    assert_eq!(usage["types"][0], Value::from("image/png"));
}
