# SPDX-License-Identifier: GPL-2.0-only
# nowake.bash - completion for bash: commands, options and their words, from what --help says
#
# shellcheck shell=bash

# Names of processes are anybody's, and compgen would run what stands in them: plain ones are compared here.
_nowake_names() {
	local name
	while read -r name; do
		[[ $name != "$word"* || $name == *[!a-zA-Z0-9._:/@+-]* ]] || COMPREPLY+=("$name")
	done < <(cat /proc/[0-9]*/comm 2>/dev/null | sort -u)
}

_nowake() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} program=${COMP_WORDS[0]} words
	COMPREPLY=()
	if [ "$COMP_CWORD" = 1 ]; then
		words=$("$program" --help 2>/dev/null | awk '/^  [a-z]/ { print $1 }')
		mapfile -t COMPREPLY < <(compgen -W "$words --help --version" -- "$word")
		return
	fi
	case $before in
	--config | --textfile | --from | --socket)
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
		return
		;;
	-p | --pid)
		mapfile -t COMPREPLY < <(compgen -W "$(cd /proc && echo [0-9]*)" -- "$word")
		return
		;;
	-c | --comm | --ignore)
		_nowake_names
		return
		;;
	esac
	words=$("$program" "${COMP_WORDS[1]}" --help 2>/dev/null | grep -o -e '--[a-z-]*')
	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
	elif [ "${COMP_WORDS[1]}" = snapshot ]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	elif [ "${COMP_WORDS[1]}" = explain ]; then
		mapfile -t COMPREPLY < <(compgen -W "$(cd /proc && echo [0-9]*)" -- "$word")
	fi
}
complete -o filenames -F _nowake nowake
