/* SPDX-License-Identifier: Apache-2.0
 * What the page can do with a script: charts from the result inside it, sorting, and redrawing when
 * the page gets another width. Without a script all numbers are there as they are. */
(function () {
    const result = JSON.parse(document.getElementById("result").textContent);
    const formats = evenhandCharts.formats;
    const units = new Map(result.metrics.map((metric) => [metric.name, metric.unit]));
    const drawn = [];

    const nameOf = (group) => Object.values(group).join(", ") || "everyone";
    const same = (a, b) => a !== null && b !== null && JSON.stringify(a) === JSON.stringify(b);
    const words = (metric) => metric.replace(/_/g, " ").replace(":", " of ");
    const percent = (confidence) => d3.format(".3~g")(100 * confidence) + " %";

    const withheld = {
        undefined: "nothing was counted",
        unclear_denominator: "too few: it may be all noise",
        impossible: "noise outweighs it",
        not_asked: "not asked",
    };

    /* A finding of result.json as a row of a chart. */
    function rowOf(label, finding, state) {
        const interval = finding.simultaneous || finding.pointwise || null;
        const row = {label: label, value: finding.value, state: state, low: null, high: null,
                     samplingLow: null, samplingHigh: null, hasInterval: interval !== null,
                     note: withheld[finding.withheld] || "cannot be stated"};
        if (row.value !== null && interval !== null)
            Object.assign(row, {low: interval.low, high: interval.high,
                                samplingLow: interval.sampling_low,
                                samplingHigh: interval.sampling_high});
        return row;
    }

    /* Draws now and whenever the box has another width. */
    function keepDrawn(box, draw) {
        const entry = {box: box, draw: draw, width: 0};
        drawn.push(entry);
        new ResizeObserver(() => redraw(entry)).observe(box);
        redraw(entry);
        return entry;
    }
    function redraw(entry) {
        const width = entry.box.clientWidth;
        if (width === 0 || width === entry.width)
            return;
        entry.width = width;
        entry.draw(entry.box);
    }
    const append = (to, kind, name) => d3.select(to).append(kind).attr("class", name).node();

    /* ---- charts ---- */

    const CHART_ROWS = 40, ABSENT_ROWS = 6, NAMED = 60;
    const WORSE = {high: "higher is worse", low: "lower is worse"};
    const worse = new Map(result.metrics.map((metric) => [metric.name, WORSE[metric.worse]]));
    const groupsOf = (release, model) => result.groups.filter((group) =>
        same(group.release, release) && group.model === model);
    const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

    /* What a chart says to those who do not see it. */
    function summaryOf(rows, figure, all) {
        const there = rows.filter((row) => row.value !== null);
        if (there.length === 0)
            return "No rate can be stated.";
        const low = d3.least(there, (row) => row.value), high = d3.greatest(there, (row) => row.value);
        return (all > rows.length ? rows.length + " of " + all : rows.length) + " rows. Lowest: " +
            low.label + ", " + figure(low.value) + ". Highest: " + high.label + ", " +
            figure(high.value) + ". A table below has all numbers.";
    }

    /* A chart of all these rows would be too long: some are drawn, some named under it. */
    function limited(chart, all, choose, how) {
        const rows = chart.rows;
        const absent = rows.filter((row) => row.value === null);
        const notes = [];
        let drawn = rows;
        if (absent.length > ABSENT_ROWS) {
            drawn = rows.filter((row) => row.value !== null);
            const names = absent.slice(0, NAMED).map((row) => row.label);
            const more = absent.length - names.length;
            notes.push("Not drawn, because no rate can be stated (" +
                Array.from(new Set(absent.map((row) => row.note))).join("; ") + "): " +
                names.join("; ") + (more > 0 ? "; and " + more + " more." : "."));
        }
        const known = drawn.length;
        if (known > CHART_ROWS) {
            drawn = choose(drawn);
            notes.push(how(drawn.length, all));
        } else if (rows.length < all) {
            notes.push(rows.length + " of " + all + " groups are on this page.");
        }
        return Object.assign({}, chart, {rows: drawn, notes: notes,
            summary: summaryOf(drawn, chart.figure, all)});
    }

    function drawDots(to, chart) {
        evenhandCharts.dots(to, chart);
        d3.select(to).selectAll("p.note").data(chart.notes).join("p").attr("class", "note")
            .text((note) => note);
    }

    const RANKS = {reference: 0, exceeds_tolerance: 1};
    const rank = (row) => RANKS[row.state] === undefined ? 2 : RANKS[row.state];
    const furthest = (zero) => (rows) => rows.slice().sort((a, b) => rank(a) - rank(b) ||
        Math.abs(b.value - zero) - Math.abs(a.value - zero)).slice(0, CHART_ROWS);
    const widthOf = (row) => row.low === null || row.high === null ? Infinity : row.high - row.low;

    function stateOf(question, group) {
        if (same(group, question.reference))
            return "reference";
        const comparison = question.comparisons.find((one) => same(one.group, group));
        if (comparison !== undefined)
            return comparison.counted ? comparison.verdict : "uncounted";
        if (Object.values(group).some((value) => value === "_other" || value === "_missing"))
            return "uncounted";
        if (question.verdict === "insufficient_evidence" || same(group, question.worst) ||
            same(group, question.compared_with))
            return question.verdict;
        return "plain";
    }

    function gapForm(question) {
        if (question.measure === "ratio")
            return {kind: "ratio", figure: formats.ratio, unit: "times"};
        return units.get(question.metric) === "share"
            ? {kind: "points", figure: formats.points, unit: "percentage points"}
            : {kind: "number", figure: formats.number, unit: ""};
    }
    const rateForm = (metric) => units.get(metric) === "share"
        ? {kind: "share", figure: formats.share, floor: 0, ceiling: 1}
        : {kind: "number", figure: formats.number};
    const parts = (...texts) => texts.filter((text) => text);

    /* Both charts of a question have the same rows in the same order. */
    function ratesChart(question, all) {
        const states = new Map();
        for (const one of question.comparisons)
            states.set(JSON.stringify(one.group), one);
        const rows = groupsOf(question.release, question.model).map(function (group) {
            const row = rowOf(nameOf(group.group), group.findings[question.metric],
                stateOf(question, group.group));
            const compared = states.get(JSON.stringify(group.group));
            return Object.assign(row, {gap: compared ? compared.disparity.value : null});
        });
        const chart = Object.assign(rateForm(question.metric), {
            title: capital(words(question.metric)) + " by " + question.release.join(" and "),
            axis: parts(percent(result.statistics.confidence) + " intervals, all rates together",
                worse.get(question.metric)), rows: rows});
        const zero = question.measure === "ratio" ? 1 : 0;
        const choose = question.reference === null
            ? (drawn) => [].concat(drawn.slice().sort((a, b) => b.value - a.value)
                .filter((row, i, sorted) => i < CHART_ROWS / 2 || i >= sorted.length - CHART_ROWS / 2))
            : (drawn) => furthest(zero)(drawn.map((row) => Object.assign({}, row,
                {rate: row.value, value: row.gap === null ? zero : row.gap})))
                .map((row) => Object.assign(row, {value: row.rate}));
        return limited(chart, all, choose, (count, of) => "Drawn are " + count + " of " + of +
            " groups: " + (question.reference === null ? "those with the highest and the lowest rates."
                : "the reference, those that exceed the tolerance, and those furthest from the " +
                  "reference."));
    }

    function gapsChart(question, all) {
        const form = gapForm(question);
        const zero = question.measure === "ratio" ? 1 : 0;
        const to = question.reference === null ? "" : nameOf(question.reference);
        const rows = question.reference === null
            ? [rowOf("furthest apart", question.gap, question.verdict)]
            : question.comparisons.map((comparison) => rowOf(
                nameOf(comparison.group), comparison.disparity,
                comparison.counted ? comparison.verdict : "uncounted"));
        const title = question.reference === null
            ? (zero ? "Smallest against largest" : "Largest less smallest")
            : (zero ? "In proportion to " + to : "Difference from " + to);
        return limited({
            title: title, kind: form.kind, figure: form.figure, zero: zero, rows: rows,
            axis: parts(form.unit, "hatched: tolerated",
                question.reference === null ? "" : worse.get(question.metric)),
            band: question.reference !== null ? [question.tolerated.low, question.tolerated.high]
                : zero ? [question.tolerated.low, 1] : [0, question.tolerated.high],
        }, question.reference === null ? 1 : all - 1, furthest(zero), (count, of) => "Drawn are " +
            count + " of " + of + " groups, those that exceed the tolerance first, then the furthest.");
    }

    function drawAnswers() {
        for (const box of document.querySelectorAll("#answers .plots")) {
            const question = result.questions[Number(box.dataset.answer)];
            const all = Number(box.dataset.groups);
            const rates = ratesChart(question, all), gaps = gapsChart(question, all);
            keepDrawn(append(box, "div", "plot rates"), (to) => drawDots(to, rates));
            keepDrawn(append(box, "div", "plot gaps"), (to) => drawDots(to, gaps));
        }
    }

    /* ---- trend: the numbers stand in its table ---- */

    const numberIn = (text) => text === "" || text === undefined ? null : Number(text);

    function drawTrend() {
        for (const article of document.querySelectorAll("article.trend")) {
            const question = result.questions[Number(article.dataset.answer)];
            const form = gapForm(question);
            const zero = question.measure === "ratio" ? 1 : 0;
            const rows = Array.from(article.querySelectorAll("tbody tr"), function (line) {
                const low = numberIn(line.dataset.low), high = numberIn(line.dataset.high);
                return {label: "round " + line.dataset.round, round: Number(line.dataset.round),
                        value: numberIn(line.querySelector("[data-value]").dataset.value),
                        low: low, high: high, hasInterval: low !== null || high !== null,
                        samplingLow: numberIn(line.dataset.samplingLow),
                        samplingHigh: numberIn(line.dataset.samplingHigh),
                        state: line.dataset.verdict};
            });
            const chart = {title: "Gap of the " + words(question.metric), unit: form.unit, rows: rows,
                           kind: form.kind, zero: zero, summary: summaryOf(rows, form.figure, rows.length),
                           band: question.reference !== null
                               ? [question.tolerated.low, question.tolerated.high]
                               : zero ? [question.tolerated.low, 1] : [0, question.tolerated.high]};
            keepDrawn(append(article.querySelector(".plots"), "div", "plot"),
                (to) => evenhandCharts.trend(to, chart));
        }
    }

    /* ---- all rates ---- */

    function choice(to, label, options, first) {
        const field = d3.select(to).append("label").text(label + " ");
        const select = field.append("select");
        select.selectAll("option").data(options).enter().append("option")
            .attr("value", (option, i) => i).text((option) => option.text);
        select.node().selectedIndex = Math.max(0, first);
        return {value: () => options[select.node().selectedIndex].value,
                listen: (then) => select.on("change", then)};
    }

    function exploreRows(release, metric, model) {
        return groupsOf(release, model).map((group) => rowOf(
            nameOf(group.group), group.findings[metric], "plain"));
    }
    const exploreTitle = (release, metric) => capital(words(metric)) +
        (release.length ? " by " + release.join(" and ") : "");

    function exploreChart(release, metric, model) {
        const rows = exploreRows(release, metric, model);
        const chart = Object.assign(rateForm(metric), {
            title: exploreTitle(release, metric), rows: rows,
            axis: parts(percent(result.statistics.confidence) + " intervals", worse.get(metric))});
        return limited(chart, rows.length, (drawn) => drawn.slice()
            .sort((a, b) => widthOf(a) - widthOf(b)).slice(0, CHART_ROWS),
            (count, of) => "Drawn are " + count + " of " + of + " groups: those with the narrowest " +
                "intervals, about which most is known.");
    }

    function tabulate(table, title, rows, figure) {
        const text = (value) => value === null ? "\u2013" : figure(value);
        table.selectAll("*").remove();
        table.append("caption").attr("id", "chosen-caption").text(title);
        table.append("thead").append("tr").selectAll("th").data(["group", "rate", "from", "to"])
            .enter().append("th").attr("scope", "col")
            .attr("class", (heading, i) => i > 0 ? "number" : null).text((heading) => heading);
        const lines = table.append("tbody").selectAll("tr").data(rows).enter().append("tr");
        lines.append("th").attr("scope", "row").append("bdi").text((row) => row.label);
        for (const key of ["value", "low", "high"])
            lines.append("td").attr("class", "number").attr("data-value", (row) => row[key])
                .text((row) => text(row[key]));
    }

    function explore() {
        const section = document.getElementById("rates");
        const choices = section.querySelector(".choices");
        const releases = [], models = [];
        for (const group of result.groups) {
            if (!releases.some((release) => same(release, group.release)))
                releases.push(group.release);
            if (!models.includes(group.model))
                models.push(group.model);
        }
        const metrics = result.metrics.filter((one) => one.name in result.groups[0].findings);
        const asked = result.questions[0];
        const metric = choice(choices, "Rate", metrics.map((one) =>
            ({value: one.name, text: words(one.name)})),
            asked ? metrics.findIndex((one) => one.name === asked.metric) : 0);
        const release = choice(choices, "Groups", releases.map((one) =>
            ({value: one, text: one.length ? "by " + one.join(" and ") : "everyone together"})), 0);
        const model = models.length < 2 ? {value: () => models[0], listen: () => 0}
            : choice(choices, "Model", models.map((one) => ({value: one, text: one})), 0);
        const details = d3.select(section.querySelector(".chosen")).append("details");
        details.append("summary").text("The numbers of this chart");
        const table = details.append("div").attr("class", "scroll").attr("tabindex", 0)
            .attr("role", "region").attr("aria-labelledby", "chosen-caption").append("table");
        const entry = keepDrawn(append(section.querySelector(".plots"), "div", "plot wide"),
            (to) => drawDots(to, exploreChart(release.value(), metric.value(), model.value())));
        const change = function () {
            entry.width = 0;
            redraw(entry);
            tabulate(table, exploreTitle(release.value(), metric.value()),
                exploreRows(release.value(), metric.value(), model.value()),
                rateForm(metric.value()).figure);
        };
        for (const one of [metric, release, model])
            one.listen(change);
        change();
    }

    /* ---- the file inside ---- */

    const save = document.getElementById("save");
    if (save !== null) {
        save.hidden = false;
        save.addEventListener("click", function () {
            const text = document.getElementById("result").textContent
                .replace(/\\\\|\\u003c/g, (found) => found === "\\u003c" ? "<" : found);
            const link = document.createElement("a");
            link.href = URL.createObjectURL(new Blob([text], {type: "application/json"}));
            link.download = "result.json";
            link.click();
            URL.revokeObjectURL(link.href);
        });
    }

    /* ---- sorting ---- */

    function keyOf(cell) {
        if (cell.dataset.value === undefined)
            return cell.textContent;
        return cell.dataset.value === "" ? null : Number(cell.dataset.value);
    }

    /* What is not there stands last, whichever way. */
    function compare(a, b, sign) {
        if (a === null || b === null)
            return (a === null) - (b === null);
        return sign * (typeof a === "number" ? a - b : a.localeCompare(b));
    }

    function sortBy(table, heading) {
        const headings = Array.from(heading.parentNode.children);
        const column = headings.indexOf(heading);
        const falling = heading.getAttribute("aria-sort") === "ascending";
        for (const one of headings)
            one.setAttribute("aria-sort", "none");
        heading.setAttribute("aria-sort", falling ? "descending" : "ascending");
        const body = table.tBodies[0];
        const lines = Array.from(body.rows, (line) => [keyOf(line.cells[column]), line]);
        lines.sort((a, b) => compare(a[0], b[0], falling ? -1 : 1));
        body.append(...lines.map((pair) => pair[1]));
        table.closest("section").querySelector(".sorted").textContent = "Sorted by " +
            heading.textContent + (falling ? ", largest first." : ", smallest first.");
    }

    for (const table of document.querySelectorAll("table.sortable"))
        for (const heading of table.tHead.rows[0].cells)
            heading.querySelector("button").addEventListener("click", () => sortBy(table, heading));

    /* On paper nothing can be opened. */
    let opened = [];
    window.addEventListener("beforeprint", function () {
        opened = Array.from(document.querySelectorAll("details:not([open])"));
        for (const one of opened)
            one.open = true;
    });
    window.addEventListener("afterprint", function () {
        for (const one of opened)
            one.open = false;
    });

    drawAnswers();
    drawTrend();
    explore();
    document.documentElement.dataset.drawn = "yes";
})();
