/** The data of an HTML report, as its page reads it. */
import { inflateRawSync } from 'node:zlib';
import type { PageData } from '../../../src/report/html/data.ts';
import { Model } from '../../../src/report/html/page/model.ts';

/** What the report's script is given. */
export function pageData(html: string): PageData {
  const [, text = ''] = /<script id="data" type="text\/plain">([A-Za-z0-9+/=]*)<\/script>/.exec(html) ?? [];
  const data: PageData = JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString('utf8'));
  return data;
}

/** The model that the page makes of it. */
export const pageModel = (html: string): Model => new Model(pageData(html));
