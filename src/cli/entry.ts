import { endOnBugs, main } from './main.ts';

endOnBugs();
void main(process.argv.slice(2)).then((status) => {
  process.exitCode = status;
});
