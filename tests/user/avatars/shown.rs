//! Which avatars are shown to whom.

use super::{ME, USERS, avatar, file, jpeg, picture, send, set_own};
use crate::support::{PASSWORD, TestApp, client};
use image::ImageFormat;
use reqwest::Method;
use serde_json::json;

#[tokio::test]
async fn every_format_comes_out_as_a_png_that_anybody_can_see() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, anybody) = (tenant.owner().await, tenant.anybody());
    for (kind, bytes, size) in [
        ("image/png", picture(ImageFormat::Png), (16, 8)),
        ("image/gif", picture(ImageFormat::Gif), (16, 8)),
        ("image/webp", picture(ImageFormat::WebP), (16, 8)),
        ("image/jpeg", jpeg(), (8, 16)),
        ("application/octet-stream", picture(ImageFormat::WebP), (16, 8)),
    ] {
        let me = set_own(&owner, kind, &bytes).await.expect(200);
        let path = avatar(&owner, &me).unwrap();
        let request = anybody.request(Method::GET, &path).build().unwrap();
        assert!(request.headers().get("authorization").is_none());
        let response = client().execute(request).await.unwrap();

        assert_eq!(response.status(), 200);
        let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(header("content-type"), "image/png", "{kind}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("content-security-policy"), "default-src 'none'; sandbox");
        assert_eq!(header("cross-origin-resource-policy"), "cross-origin");
        let cached = header("cache-control");
        assert!(cached.contains("public") && cached.contains("immutable"), "{cached}");
        assert!(response.headers().get("set-cookie").is_none());
        let png = response.bytes().await.unwrap();
        let seen = image::load_from_memory_with_format(&png, ImageFormat::Png)
            .unwrap()
            .into_rgb8();
        assert_eq!(seen.dimensions(), size, "{kind}");
        assert!(seen.get_pixel(1, 1).0[0] > 150 && seen.get_pixel(size.0 - 2, size.1 - 2).0[2] > 150);
    }
}

#[tokio::test]
async fn a_large_picture_is_shrunk_and_only_its_pixels_are_kept() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let (owner, anybody) = (tenant.owner().await, tenant.anybody());
    let mut large = std::io::Cursor::new(vec![]);
    let grey = image::GrayImage::new(1024, 256);
    grey.write_to(&mut large, ImageFormat::Png).unwrap();
    let tail = b"<script>alert(1)</script>";
    let text = b"\0\0\0\x09tEXtSecret\0hi\xe3\x83\x57\x88";
    let mut with_text = picture(ImageFormat::Png);
    with_text.splice(33..33, *text);

    for (bytes, size) in [
        (large.into_inner(), (512, 128)),
        ([&picture(ImageFormat::Png)[..], tail].concat(), (16, 8)),
        ([&jpeg()[..], tail].concat(), (8, 16)),
        ([&picture(ImageFormat::Gif)[..], tail].concat(), (16, 8)),
        (with_text, (16, 8)),
    ] {
        let reply = set_own(&owner, "application/octet-stream", &bytes).await;
        let path = avatar(&owner, &reply.expect(200)).unwrap();
        let response = anybody.request(Method::GET, &path).send().await.unwrap();
        let png = response.bytes().await.unwrap();
        for word in [&b"script"[..], b"Secret", b"Exif", b"eXIf"] {
            assert!(
                !png.windows(word.len()).any(|part| part == word),
                "{}",
                word.escape_ascii()
            );
        }
        let seen = image::load_from_memory_with_format(&png, ImageFormat::Png).unwrap();
        assert_eq!((seen.width(), seen.height()), size);
    }
}

#[tokio::test]
async fn a_replaced_or_removed_picture_is_nowhere() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let set = async |format| {
        let me = set_own(&owner, "application/octet-stream", &picture(format))
            .await
            .expect(200);
        avatar(&owner, &me).unwrap()
    };
    let first = set(ImageFormat::Png).await;
    assert_eq!(owner.get(&first).await.status, 200);
    let second = set(ImageFormat::Png).await;
    assert_ne!(first, second, "every picture has an address of its own");
    owner.get(&first).await.expect_problem(404, "avatar_not_found");
    assert_eq!(owner.get(&second).await.status, 200);

    for _ in 0..2 {
        let me = owner.delete(&format!("{ME}/avatar")).await.expect(200);
        assert_eq!(avatar(&owner, &me), None);
    }
    let gone = owner.get(&second).await;
    assert!(!gone.header("cache-control").contains("immutable"));
    gone.expect_problem(404, "avatar_not_found");
    let me = owner.get(ME).await.expect(200);
    assert_eq!(me["user"]["spec"].get("avatar"), None);
}

#[tokio::test]
async fn a_picture_is_seen_at_its_own_tenants_address_only() {
    let app = TestApp::start().await;
    let (home, acme) = (app.default_tenant(), app.tenant("acme").await);
    let (owner, owner_of_acme) = (home.owner().await, acme.owner().await);
    let png = picture(ImageFormat::Png);
    for (who, other) in [(&owner, &owner_of_acme), (&owner_of_acme, &owner)] {
        let me = set_own(who, "image/png", &png).await.expect(200);
        let path = avatar(who, &me).unwrap();
        assert_eq!(who.tenant.anybody().get(&path).await.status, 200);
        for stranger in [other, &other.tenant.anybody()] {
            stranger.get(&path).await.expect_problem(404, "avatar_not_found");
        }
    }
}

#[tokio::test]
async fn an_address_of_no_picture_shows_nothing() {
    let app = TestApp::start().await;
    let anybody = app.default_tenant().anybody();
    let avatars = "/apis/console/v1alpha1/avatars";
    let unknown = format!("{avatars}/avt_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f");
    anybody.get(&unknown).await.expect_problem(404, "avatar_not_found");
    for broken in [
        "x",
        "usr_0190a9f0c7d87c3e8f3b0a4b6c2d1e0f",
        "..%2F..%2Fetc%2Fpasswd",
        "%00",
    ] {
        let reply = anybody.get(&format!("{avatars}/{broken}")).await;
        assert!(reply.status.is_client_error(), "{broken}: {}", reply.status);
        assert_eq!(reply.header("content-type"), "application/problem+json", "{broken}");
    }
}

#[tokio::test]
async fn administrators_set_and_remove_pictures_of_others_and_nobody_else_does() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    for (name, roles) in [
        ("alice", json!([])),
        ("bob", json!([])),
        ("manager", json!(["user-manager"])),
    ] {
        let new = json!({ "name": name, "email": format!("{name}@example.test"), "password": PASSWORD, "mustChangePassword": false, "roles": roles });
        owner.post(USERS, &new).await.expect(200);
    }
    let (alice, manager) = (tenant.sign_in("alice").await, tenant.sign_in("manager").await);
    let png = [file("image/png", &picture(ImageFormat::Png))];
    let of = |name: &str| format!("{USERS}/{name}/avatar");

    let by_alice = send(&alice, &of("alice"), &png).await;
    avatar(&alice, &send(&alice, &format!("{ME}/avatar"), &png).await.expect(200)).unwrap();
    by_alice.expect_problem(403, "forbidden");
    send(&alice, &of("bob"), &png).await.expect_problem(403, "forbidden");
    alice.delete(&of("bob")).await.expect_problem(403, "forbidden");
    send(&tenant.anybody(), &of("bob"), &png)
        .await
        .expect_problem(401, "unauthenticated");
    send(&manager, &of("admin"), &png)
        .await
        .expect_problem(403, "escalation");
    manager.delete(&of("admin")).await.expect_problem(403, "escalation");
    send(&manager, &of("nobody"), &png)
        .await
        .expect_problem(404, "user_not_found");

    let bob = send(&manager, &of("bob"), &png).await.expect(200);
    let path = avatar(&manager, &bob).unwrap();
    assert_eq!(tenant.anybody().get(&path).await.status, 200);
    assert_eq!(avatar(&manager, &manager.delete(&of("bob")).await.expect(200)), None);
    tenant
        .anybody()
        .get(&path)
        .await
        .expect_problem(404, "avatar_not_found");
}

#[tokio::test]
async fn a_picture_goes_with_its_user() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let new = json!({ "name": "alice", "email": "alice@example.test" });
    owner.post(USERS, &new).await.expect(200);
    let png = [file("image/png", &picture(ImageFormat::Png))];
    let alice = send(&owner, &format!("{USERS}/alice/avatar"), &png).await.expect(200);
    let path = avatar(&owner, &alice).unwrap();
    assert_eq!(owner.get(&path).await.status, 200);

    owner.delete(&format!("{USERS}/alice")).await.expect(204);
    owner.get(&path).await.expect_problem(404, "avatar_not_found");
}
