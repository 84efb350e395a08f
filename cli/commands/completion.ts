import { Argument, type Command } from "commander";

type Tree = { readonly name: string; readonly options: readonly string[]; readonly children: readonly Tree[] };

const treeOf = (command: Command): Tree => ({
  name: command.name(),
  options: command.options.flatMap(({ long }) => (long ? [long] : [])),
  children: command.commands.map(treeOf),
});

/** Words after each chain of commands: `""` for the first, `release` for what follows it. */
function wordsByPath(tree: Tree, path: readonly string[] = []): [string, readonly string[]][] {
  const words = [...tree.children.map(({ name }) => name), ...tree.options];
  return [[path.join(" "), words], ...tree.children.flatMap((child) => wordsByPath(child, [...path, child.name]))];
}

const bash = (paths: readonly (readonly [string, readonly string[]])[]): string => `_slipway() {
  local word path="" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    [[ "$word" == -* ]] || path="\${path:+$path }$word"
  done
  while :; do
    case "$path" in
${paths.map(([path, words]) => `      "${path}") COMPREPLY=($(compgen -W "${words.join(" ")}" -- "\${COMP_WORDS[COMP_CWORD]}")); return ;;`).join("\n")}
    esac
    [[ "$path" == *" "* ]] && path="\${path% *}" || path=""
  done
}
complete -o default -F _slipway slipway
`;

const fish = (paths: readonly (readonly [string, readonly string[]])[]): string =>
  paths
    .flatMap(([path, words]) =>
      words.map((word) => {
        const when = path === "" ? "__fish_use_subcommand" : `__fish_seen_subcommand_from ${path.split(" ").at(-1) ?? ""}`;
        return word.startsWith("--") ? `complete -c slipway -n "${when}" -l ${word.slice(2)}` : `complete -c slipway -n "${when}" -a ${word}`;
      }),
    )
    .join("\n") + "\n";

/** completion: a script for the shell, made from the commands there are. */
export function addCompletionCommands(program: Command): void {
  program
    .command("completion")
    .description("print a completion script for your shell")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .addHelpText("after", `
Examples:
  slipway completion bash > /etc/bash_completion.d/slipway
  source <(slipway completion zsh)
  slipway completion fish > ~/.config/fish/completions/slipway.fish`)
    .action((shell: string) => {
      const paths = wordsByPath(treeOf(program));
      const script = shell === "fish" ? fish(paths) : shell === "zsh" ? `autoload -U +X bashcompinit && bashcompinit\n${bash(paths)}` : bash(paths);
      process.stdout.write(script);
    });
}
