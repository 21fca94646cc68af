import type { Texts } from "../texts";

export const requests: Pick<Texts, "requests"> = {
  requests: {
    documentation: "文档",
    hint: "此页面向服务器发出的请求，最新的在前。$TOKEN 是您的访问令牌，密钥和密码需自行填写。",
    which: "请求",
    form: "格式",
    copy: "复制请求",
    none: "此页面尚未向服务器发出请求。",
  },
};
