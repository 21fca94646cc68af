//! What every page is like: its headers, its style, its errors.

use super::set_policy;
use crate::support::{
    PASSWORD, TestApp, client,
    database::Database,
    program::{Program, run},
};
use reqwest::Method;
use serde_json::json;

const PAGES: &[&str] = &[
    "",
    "/sign-up",
    "/verify",
    "/forgot",
    "/reset",
    "/undo",
    "/sign-out",
    "/nowhere",
];
/// Pages with a field for a new password, which a script of ours helps to choose.
const CHOOSING: &[&str] = &["/sign-up", "/reset"];
/// Pages without a secret that are sent together with a session.
const SIGNED: &[&str] = &["", "/sign-out"];

#[tokio::test]
async fn every_page_has_the_headers_that_guard_it() {
    let app = TestApp::start().await;
    let browser = app.default_tenant().browser();
    for path in PAGES {
        let page = browser.open(&format!("/login{path}")).await;
        let header = |name| page.reply.header(name);
        let helps = CHOOSING.contains(path);
        let scripts = if helps { "script-src 'self'; " } else { "" };
        let policy = format!(
            "default-src 'none'; style-src 'self'; img-src 'self'; {scripts}form-action 'self'; frame-ancestors 'none'; \
             base-uri 'none'"
        );
        assert_eq!(header("content-security-policy"), policy, "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        // With none at all, browsers would not say where a form comes from.
        let referrer = if SIGNED.contains(path) {
            "same-origin"
        } else {
            "no-referrer"
        };
        assert_eq!(header("referrer-policy"), referrer, "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("x-frame-options"), "DENY");
        assert_eq!(header("content-language"), "en");
        assert_eq!(header("content-type"), "text/html; charset=utf-8");
        assert!(!page.reply.text.contains("style="), "{path}");
        let scripts: Vec<_> = page.reply.text.split("<script").skip(1).collect();
        assert_eq!(scripts.len(), usize::from(helps), "{path}");
        let is_file = |script: &&str| script.starts_with(" src=\"") && script.contains("defer></script>");
        assert!(scripts.iter().all(is_file), "{path}");
        let head = browser.request(Method::HEAD, &format!("/login{path}"), None).await;
        assert_eq!((head.status(), head.reply.text.as_str()), (page.status(), ""), "{path}");
    }
}

#[tokio::test]
async fn the_cookie_of_a_form_is_for_its_pages_alone() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;
    let page = acme.browser().open("/login").await;
    let cookie = page.reply.header("set-cookie");
    assert!(cookie.starts_with("tenantry-acme.form="), "{cookie}");
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Lax; Path=/t/acme/login; Max-Age=3600"),
        "{cookie}"
    );

    let secure = TestApp::start_with(|config| {
        config.public_url = Some("https://id.example.com".parse().unwrap());
    });
    let secure = secure.await;
    let page = secure.default_tenant().browser().open("/login").await;
    let cookie = page.reply.header("set-cookie");
    assert!(cookie.starts_with("__Host-tenantry-default.form="), "{cookie}");
    assert!(
        cookie.ends_with("; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=3600"),
        "{cookie}"
    );
}

#[tokio::test]
async fn a_tenant_shows_pictures_of_its_own_in_the_light_and_in_the_dark() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let owner = tenant.owner().await;
    let mut paths = vec![];
    for side in [8, 9, 10] {
        let mut png = std::io::Cursor::new(vec![]);
        let drawn = image::DynamicImage::new_rgb8(side, side);
        drawn.write_to(&mut png, image::ImageFormat::Png).unwrap();
        let form = [
            b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.png\"\r\n\r\n".as_slice(),
            png.get_ref(),
            b"\r\n--XX--\r\n",
        ];
        let upload = owner.request(Method::POST, "/apis/console/v1alpha1/attachments/upload");
        let upload = upload.header("content-type", "multipart/form-data; boundary=XX");
        let made = owner.send(upload.body(form.concat())).await.expect(200);
        let file = format!(
            "/apis/console/v1alpha1/attachments/{}",
            made["metadata"]["name"].as_str().unwrap()
        );
        let show = owner.request(Method::PATCH, &file);
        let show = show.json(&json!({ "spec": { "visibility": "public" } }));
        let shown = owner.send(show).await.expect(200);
        let address = shown["status"]["permalink"].as_str().unwrap();
        paths.push(address.strip_prefix(&tenant.base).unwrap().to_owned());
    }
    let [light, dark, icon] = &paths[..] else {
        panic!("three")
    };
    let branding = json!({ "color": "#ffd43b", "logoUrl": light, "logoUrlDark": dark, "iconUrl": icon });
    set_policy(&owner, "branding", &branding).await;
    let page = tenant.browser().open("/login").await;
    let text = crate::support::browser::plain(&page.reply.text);
    let picture = format!(
        "<picture><source srcset=\"/t/acme{dark}\" media=\"(prefers-color-scheme: dark)\">\
         <img src=\"/t/acme{light}\" alt=\"\"></picture>"
    );
    assert!(text.contains(&picture), "{text}");
    assert!(
        text.contains(&format!("<link rel=\"icon\" href=\"/t/acme{icon}\">")),
        "{text}"
    );
    let policy = page.reply.header("content-security-policy");
    assert!(policy.contains("img-src 'self'; "), "{policy}");
    for path in &paths {
        assert_eq!(tenant.anybody().get(path).await.status, 200, "{path}");
    }
}

#[tokio::test]
async fn a_tenant_shows_its_name_its_colour_and_its_logo() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let logo = "https://cdn.example.com/logo.svg?a=1&b=2";
    let branding = json!({ "color": "#ffd43b", "logoUrl": logo });
    set_policy(&tenant.owner().await, "branding", &branding).await;
    let browser = tenant.browser();
    let page = browser.open("/login").await;
    let text = crate::support::browser::plain(&page.reply.text);
    assert!(
        text.contains("<p>acme</p>") && text.contains("– acme</title>"),
        "{text}"
    );
    assert!(text.contains(&format!("<img src=\"{logo}\" alt=\"\">")), "{text}");
    let policy = page.reply.header("content-security-policy");
    assert!(policy.contains("img-src 'self' https://cdn.example.com; "), "{policy}");

    let sheets = text
        .split("<link rel=\"stylesheet\" href=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap());
    let sheets: Vec<_> = sheets.collect();
    assert_eq!(sheets.len(), 2);
    for sheet in sheets {
        let file = browser.request(Method::GET, sheet, None).await;
        assert_eq!(file.reply.header("content-type"), "text/css; charset=utf-8");
        assert_eq!(
            file.reply.header("cache-control"),
            "public, max-age=31536000, immutable"
        );
        file.expect(200, "--on-brand:");
    }
    let mark = browser.open("/login/color-ffd43b.svg").await.expect(200, "#ffd43b");
    assert_eq!(mark.reply.header("content-type"), "image/svg+xml");
    browser.open("/login/style-00000000.css").await.expect(404, "");
    browser.open("/login/color-red.css").await.expect(404, "");
}

#[tokio::test]
async fn what_cannot_be_answered_is_a_page_as_well() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let browser = tenant.browser();
    browser
        .open("/login/nowhere")
        .await
        .expect(404, "There is no page at this address.");
    for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS] {
        let page = browser.request(method, "/login", None).await;
        assert_eq!(page.reply.header("allow"), "GET, HEAD, POST");
        page.expect(405, "<h1>Error</h1>");
    }
    let nobody = browser.request(Method::GET, "/t/nobody/login", None).await;
    nobody.expect(404, "There is no site at this address.");
    // Only pages are pages.
    let other = browser.request(Method::GET, "/t/nobody/loginx", None).await;
    other.reply.expect_problem(404, "tenant_not_found");
}

#[tokio::test]
async fn who_may_not_is_told_with_a_page() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let owner = tenant.owner().await;
    let browser = tenant.browser();
    let form = browser.open("/login").await;
    browser.sign_in("admin", PASSWORD).await.leads();
    // The session's own cookie does not make it any better.
    let mut cross = tenant.browser();
    cross.cookies.replace(browser.cookies.borrow().clone());
    cross.headers.insert("sec-fetch-site", "cross-site".parse().unwrap());
    let sent = cross
        .request(Method::POST, "/login/sign-out", Some(form.hidden()))
        .await;
    sent.expect(403, "<h1>Error</h1>");
    browser.open("/auth/v1/users/me").await.expect(200, "");
    owner.get("/auth/v1/users/me").await.expect(200);
}

#[tokio::test]
async fn a_suspended_tenant_says_so_on_its_pages() {
    let mut database = Database::create().await;
    let program = Program::start(&database, &[]);
    let create = [
        "tenant",
        "create",
        "acme",
        "--owner-email",
        "owner@acme.test",
        "--password-stdin",
    ];
    assert!(run(&database, &create, &format!("{PASSWORD}\n")).status.success());
    assert!(run(&database, &["tenant", "suspend", "acme"], "").status.success());
    let open = async |path: &str| {
        let url = format!("{}{path}", program.base);
        let answer = client()
            .get(url)
            .header("accept-language", "zh-CN")
            .send()
            .await
            .unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let (status, text) = open("/t/acme/login").await;
    assert_eq!(status, 403);
    assert!(
        text.contains("本站已停用") && text.contains("<html lang=\"zh\">"),
        "{text}"
    );
    let sheet = text.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    assert_eq!(open(sheet).await.0, 200);
    assert_eq!(open(&format!("/t/acme{sheet}")).await.0, 200);
    drop(program);
    database.jobs_may_be_left = true;
    database.end();
}
