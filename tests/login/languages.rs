//! Pages in English and Chinese.

use crate::support::{PASSWORD, TestApp};

#[tokio::test]
async fn a_page_is_in_the_language_that_is_asked_for() {
    let app = TestApp::start().await;
    let mut browser = app.default_tenant().browser();
    browser.open("/login").await.expect(200, "<html lang=\"en\">");
    browser.open("/login?lang=zh").await.expect(200, "<h1>登录</h1>");
    browser
        .open("/login?ui_locales=fr%20zh-CN%20en")
        .await
        .expect(200, "<html lang=\"zh\">");
    browser.open("/login?lang=fr").await.expect(200, "<html lang=\"en\">");
    browser
        .headers
        .insert("accept-language", "zh-CN,zh;q=0.9,en;q=0.8".parse().unwrap());
    let page = browser.open("/login").await.expect(200, "<html lang=\"zh\">");
    assert_eq!(page.reply.header("content-language"), "zh");
    browser.open("/login?lang=en").await.expect(200, "<h1>Sign in</h1>");
}

#[tokio::test]
async fn a_language_is_kept_along_the_way_into_the_mail() {
    let app = TestApp::start().await;
    let tenant = app.default_tenant();
    let mut browser = tenant.browser();
    browser.headers.insert("accept-language", "en".parse().unwrap());
    let page = browser.open("/login/sign-up?lang=zh").await.expect(200, "创建账户");
    assert!(
        page.reply.text.contains("hreflang=\"en\""),
        "the way to the other language"
    );
    let typed = [("username", "ada"), ("email", "ada@example.com"), ("password", "short")];
    let page = browser
        .submit(&page, &typed)
        .await
        .expect(400, "密码: 请至少使用 15 个字符。");
    let typed = [
        ("username", "ada"),
        ("email", "ada@example.com"),
        ("password", PASSWORD),
    ];
    let page = browser.submit(&page, &typed).await.expect(200, "请查收邮件");
    let mail = &tenant.mail_to("ada@example.com").await[0];
    assert!(mail.text().contains("验证"), "{}", mail.text());
    let typed = [("email", "ada@example.com"), ("code", "000")];
    browser.submit(&page, &typed).await.expect(400, "验证码错误或已过期");
}

#[tokio::test]
async fn errors_are_in_the_language_of_the_page() {
    let app = TestApp::start().await;
    let browser = app.default_tenant().browser();
    let page = browser.open("/login?lang=zh").await;
    let missed = browser
        .submit(&page, &[("username", "admin"), ("password", "wrong")])
        .await;
    let missed = missed.expect(401, "用户名或密码错误。");
    assert!(missed.reply.text.contains("<title>错误: "));
    browser
        .open("/login/nowhere?lang=zh")
        .await
        .expect(404, "此地址没有页面。");
    browser
        .open("/login/verify?token=x&lang=zh")
        .await
        .expect(400, "此链接已失效");
}
