//! Where people go after they have signed in.

use super::set_policy;
use crate::support::{PASSWORD, Tenant, TestApp, browser::plain};
use serde_json::json;

async fn goes(tenant: &Tenant<'_>, query: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(query)
        .finish();
    let browser = tenant.browser();
    let typed = [("username", "admin"), ("password", PASSWORD)];
    browser
        .fill(&format!("/login?{query}"), &typed)
        .await
        .leads()
        .to_owned()
}

#[tokio::test]
async fn people_go_back_to_a_page_of_their_tenant_and_nowhere_else() {
    let app = TestApp::start().await;
    let (root, acme) = (app.default_tenant(), app.tenant("acme").await);
    assert_eq!(
        goes(&root, &[("return_to", "/console/users?q=1")]).await,
        "/console/users?q=1"
    );
    assert_eq!(
        goes(&acme, &[("return_to", "/t/acme/swagger-ui/")]).await,
        "/t/acme/swagger-ui/"
    );
    for evil in [
        "//evil.test",
        "/\\evil.test",
        "\\\\evil.test",
        "https://evil.test",
        "https:evil.test",
        "javascript:alert(1)",
        "/\t/evil.test",
        "/a\r\nLocation: https://evil.test",
        "/.//evil.test",
        "/t/other/console/",
        "evil.test",
        "/%0d%0aSet-Cookie:%20a=b/../..//evil.test",
    ] {
        assert_eq!(goes(&root, &[("return_to", evil)]).await, "/console/", "{evil:?}");
        assert_eq!(
            goes(&acme, &[("return_to", evil)]).await,
            "/t/acme/console/",
            "{evil:?}"
        );
    }
    for evil in ["/console/", "/t/acme/../other/console/", "/t/acmes/console/"] {
        assert_eq!(
            goes(&acme, &[("return_to", evil)]).await,
            "/t/acme/console/",
            "{evil:?}"
        );
    }
}

#[tokio::test]
async fn an_application_the_tenant_knows_takes_people_home() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let home = "https://shop.example.com/welcome";
    let shop = json!({ "clientId": "shop", "displayName": "The Shop", "color": "#ffd43b", "homeUrl": home });
    let branding = json!({ "color": "#862e9c", "applications": [shop] });
    set_policy(&tenant.owner().await, "branding", &branding).await;
    assert_eq!(goes(&tenant, &[("client_id", "shop")]).await, home);
    assert_eq!(goes(&tenant, &[("client_id", "shop"), ("return_to", home)]).await, home);
    assert_eq!(
        goes(&tenant, &[("client_id", "shop"), ("return_to", "/console/users")]).await,
        "/console/users"
    );
    assert_eq!(
        goes(&tenant, &[("client_id", "shop"), ("return_to", "https://evil.test")]).await,
        home
    );
    assert_eq!(
        goes(&tenant, &[("client_id", "other"), ("return_to", home)]).await,
        "/console/"
    );

    let page = tenant
        .browser()
        .open("/login?client_id=shop")
        .await
        .expect(200, "<p>The Shop</p>");
    assert!(
        page.reply
            .header("content-security-policy")
            .contains("form-action 'self' https://shop.example.com;")
    );
    let mark = "/login/color-ffd43b.css";
    assert!(page.reply.text.contains(mark), "{}", page.reply.text);
    tenant.browser().open(mark).await.expect(200, "--on-brand:#000000");
}

#[tokio::test]
async fn where_people_go_is_kept_along_the_way() {
    let app = TestApp::start().await;
    let tenant = app.tenant("acme").await;
    let browser = tenant.browser();
    let query = "return_to=%2Ft%2Facme%2Fconsole%2Fusers&client_id=shop&lang=zh";
    let page = browser.open(&format!("/login?{query}")).await;
    for path in ["forgot", "sign-up"] {
        let link = format!("/t/acme/login/{path}?{query}");
        assert!(plain(&page.reply.text).contains(&link), "{link}: {}", page.reply.text);
    }
    let missed = browser
        .submit(&page, &[("username", "admin"), ("password", "wrong")])
        .await;
    let hidden = missed.hidden();
    assert!(hidden.contains(&("return_to".to_owned(), "/t/acme/console/users".to_owned())));
    assert!(hidden.contains(&("lang".to_owned(), "zh".to_owned())));
    let entered = browser
        .submit(&missed, &[("username", "admin"), ("password", PASSWORD)])
        .await;
    assert_eq!(entered.leads(), "/t/acme/console/users");
}
