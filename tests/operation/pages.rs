//! What people open in a browser: the console, Swagger UI, and the meaning of problems.

use crate::support::{Reply, TestApp};
use reqwest::Method;

fn policy(page: &Reply) -> &str {
    page.header("content-security-policy")
}

#[tokio::test]
async fn the_root_leads_to_the_console_of_the_tenant() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await;

    let front = acme.anybody().get("/").await;
    assert_eq!(
        (front.status.as_u16(), front.header("location")),
        (303, "/t/acme/console/")
    );
    let front = app.default_tenant().anybody().get("/").await;
    assert_eq!((front.status.as_u16(), front.header("location")), (303, "/console/"));
}

#[cfg(feature = "console")]
#[tokio::test]
async fn the_console_is_one_page_that_knows_its_tenant_and_files_that_are_kept() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await.anybody();
    let root = app.default_tenant().anybody();

    for path in ["/console", "/console/", "/console/users/ada", "/console/policies"] {
        let page = acme.get(path).await;
        assert!(
            page.text.contains("<base href=\"/t/acme/console/\""),
            "{path}: {}",
            page.text
        );
        assert!(policy(&page).contains("script-src 'self';"), "{}", policy(&page));
        assert_eq!(page.header("cache-control"), "no-cache");
        page.expect(200);
    }
    let page = root.get("/console/").await;
    assert!(page.text.contains("<base href=\"/console/\""), "{}", page.text);
    assert!(!page.text.contains("<script>"), "no script in the page itself");

    let is_script = |part: &&str| part.contains("assets/") && part.contains(".js");
    let script = page.text.split('"').find(is_script).unwrap();
    let path = format!("/console/{}", script.trim_start_matches("./"));
    let file = root.get(&path).await;
    assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
    let etag = file.header("etag").to_owned();
    let again = root
        .send(root.request(Method::GET, &path).header("if-none-match", &etag))
        .await;
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
    let packed = root
        .send(root.request(Method::GET, &path).header("accept-encoding", "gzip, br"))
        .await;
    assert_eq!(packed.header("content-encoding"), "br");
    assert_eq!(packed.header("vary"), "Accept-Encoding");
    let packed = root
        .send(
            root.request(Method::GET, &path)
                .header("accept-encoding", "br;q=0, gzip"),
        )
        .await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    root.get("/console/assets/missing.js")
        .await
        .expect_problem(404, "not_found");
}

#[tokio::test]
async fn swagger_ui_shows_all_groups_of_the_tenant() {
    let app = TestApp::start().await;
    let acme = app.tenant("acme").await.anybody();

    assert_eq!(acme.get("/swagger-ui").await.header("location"), "/t/acme/swagger-ui/");
    let page = acme.get("/swagger-ui/").await;
    assert!(policy(&page).contains("script-src 'self'"));
    assert!(page.text.contains("swagger-initializer.js"), "{}", page.text);
    let initializer = acme.get("/swagger-ui/swagger-initializer.js").await.text;
    assert!(
        initializer.contains("initOAuth") && initializer.contains("\"clientId\": \"swagger-ui\""),
        "{initializer}"
    );
    for group in ["console.v1alpha1", "auth.v1", "gateway.v1"] {
        assert!(
            initializer.contains(&format!("../openapi/{group}.json")),
            "{initializer}"
        );
        acme.get(&format!("/openapi/{group}.json")).await.expect(200);
    }
    // The operators' group is in the default tenant alone.
    let operators = "../openapi/system.v1alpha1.json";
    assert!(!initializer.contains(operators), "{initializer}");
    let path = "/swagger-ui/swagger-initializer.js";
    let initializer = app.default_tenant().anybody().get(path).await.text;
    assert!(initializer.contains(operators), "{initializer}");
    acme.get("/swagger-ui/missing.js")
        .await
        .expect_problem(404, "not_found");
}
