import type { Texts } from "../texts";

export const find: Pick<Texts, "find"> = {
  find: {
    people: "用户",
    pages: "页面",
    acts: "操作",
    nothing: (typed) => `没有名为“${typed}”的内容`,
  },
};
