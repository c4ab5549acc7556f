/* SPDX-License-Identifier: Apache-2.0
 * Charts as SVG, drawn into a box as wide as the box is. Every mark says by its shape what its
 * colour says; every chart has the same numbers in a table beside it. */
"use strict";
const evenhandCharts = (function () {
    const NARROW = 560;
    const SHAPES = {
        within_tolerance: d3.symbolCircle,
        exceeds_tolerance: d3.symbolDiamond,
        insufficient_evidence: d3.symbolCircle,
        uncounted: d3.symbolTriangle,
        reference: d3.symbolSquare,
        plain: d3.symbolCircle,
    };
    const SIZES = {uncounted: 50, exceeds_tolerance: 120};
    let patterns = 0;

    const minus = (text) => text.replace("-", "\u2212");
    const fixed = (value, digits) => minus(d3.format("." + digits + "f")(value));

    /* As the sentences have it: more digits near 0 and 100 %. */
    function percentDigits(percent) {
        const rest = Math.min(Math.abs(percent), Math.abs(100 - percent));
        return rest >= 1 || rest < 0.001 ? 1 : rest >= 0.1 ? 2 : 3;
    }
    const formats = {
        share: (value) => fixed(100 * value, percentDigits(100 * value)) + " %",
        points: (value) => (value > 0 ? "+" : "") + fixed(100 * value, 1),
        number: (value) => fixed(value, Math.abs(value) < 1 ? 3 : 2),
        ratio: (value) => fixed(value, 2),
    };

    /* Ticks have no more digits than their distance asks for. */
    function ticksOf(scale, count, kind) {
        const values = scale.ticks(count);
        const factor = kind === "share" || kind === "points" ? 100 : 1;
        const step = values.length > 1 ? Math.abs(values[1] - values[0]) * factor : factor;
        const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
        const tail = kind === "share" ? " %" : "";
        return {values: values, format: (value) => fixed(value * factor, digits) + tail};
    }

    /* Cuts a label that is too long for its place; the whole one is in the table. */
    function fit(text, label, room) {
        text.text(label);
        const letters = Array.from(label);
        if (text.node().getComputedTextLength() <= room)
            return;
        while (letters.length > 1 && text.node().getComputedTextLength() > room) {
            letters.pop();
            text.text(letters.join("") + "\u2026");
        }
        text.append("title").text(label);
    }

    /* Texts in one line if there is room, else each in a line of its own; says how many there are. */
    function lines(svg, texts, y, from, until) {
        const put = function (text, at) {
            const label = svg.append("text").attr("class", "axis-label").attr("y", at)
                .attr("text-anchor", "middle").attr("x", (from + until) / 2);
            fit(label, text, until - from);
            return label;
        };
        const whole = put(texts.join("; "), y);
        if (!whole.select("title").empty() && texts.length > 1) {
            whole.remove();
            texts.forEach((text, i) => put(text, y + 16 * i));
            return texts.length;
        }
        return 1;
    }

    function frame(box, width, height, chart) {
        d3.select(box).selectAll("svg").remove();
        return d3.select(box).insert("svg", ":first-child")
            .attr("viewBox", "0 0 " + width + " " + height)
            .attr("width", width).attr("height", height)
            .attr("role", "img").attr("aria-label", chart.title + ". " + chart.summary);
    }

    /* The hatched band of what is tolerated. */
    function band(svg, area) {
        const id = "hatch-" + patterns++;
        const pattern = svg.append("defs").append("pattern").attr("id", id)
            .attr("width", 6).attr("height", 6).attr("patternUnits", "userSpaceOnUse")
            .attr("patternTransform", "rotate(45)");
        pattern.append("rect").attr("class", "band-ground").attr("width", 6).attr("height", 6);
        pattern.append("line").attr("class", "band-line").attr("y2", 6);
        svg.append("rect").attr("class", "band").attr("fill", "url(#" + id + ")")
            .attr("x", area.x).attr("y", area.y)
            .attr("width", Math.max(0, area.width)).attr("height", Math.max(0, area.height));
    }

    function mark(to, state) {
        return to.append("path").attr("class", "mark " + state)
            .attr("d", d3.symbol().type(SHAPES[state]).size(SIZES[state] || 80)());
    }

    /* Along one direction: the whole interval thin, with a cap at each end or an arrow where it goes
     * on beyond the chart; what sampling alone would give thick. `at` places a point that lies so
     * far along the axis and so far beside it. */
    function interval(to, row, scale, at) {
        const [first, last] = scale.domain();
        const inside = (value, open) => value === null ? open : Math.min(Math.max(value, first), last);
        const line = function (name, from, until) {
            to.append("path").attr("class", name).attr("d", "M" + at(scale(from), 0) + "L" +
                at(scale(until), 0));
        };
        line("noise", inside(row.low, first), inside(row.high, last));
        /* An estimate that was corrected for its bias may lie beside what sampling would give. */
        line("sampling",
            inside(row.samplingLow === null ? row.low : Math.min(row.samplingLow, row.value), first),
            inside(row.samplingHigh === null ? row.high : Math.max(row.samplingHigh, row.value), last));
        const ends = [[row.low, first, 1], [row.high, last, -1]];
        for (const [end, edge, inward] of ends) {
            const beyond = end === null || (end - edge) * inward < 0;
            const point = scale(beyond ? edge : end);
            const back = point + 6 * (scale(last) > scale(first) ? inward : -inward);
            to.append("path").attr("class", beyond ? "arrow" : "cap")
                .attr("d", beyond ? "M" + at(back, -5) + "L" + at(point, 0) + "L" + at(back, 5)
                                  : "M" + at(point, -5) + "L" + at(point, 5));
        }
    }

    /* From the lowest to the highest of what must be seen. An interval may be so wide that nothing
     * else could be told apart beside it: it is cut, and has an arrow. */
    function domainOf(chart) {
        const rows = chart.rows.filter((row) => row.value !== null);
        const must = rows.map((row) => row.value).concat(chart.band || [])
            .concat(chart.zero === undefined ? [] : [chart.zero])
            .filter((value) => value !== null && isFinite(value));
        const widths = rows.filter((row) => row.low !== null && row.high !== null)
            .map((row) => row.high - row.low).sort(d3.ascending);
        const ends = rows.flatMap((row) => [row.low, row.high]).filter((end) => end !== null);
        if (must.length === 0)
            return [0, 1];
        let [low, high] = d3.extent(must);
        const typical = widths.length ? widths[Math.floor(widths.length / 2)] : 0;
        const reach = 0.6 * Math.max(high - low, 2 * typical);
        low = Math.max(low - reach, Math.min(low, d3.min(ends.concat(low))));
        high = Math.min(high + reach, Math.max(high, d3.max(ends.concat(high))));
        if (low === high)
            [low, high] = [low - 0.5, high + 0.5];
        const space = 0.04 * (high - low);
        const floor = chart.floor === undefined ? -Infinity : chart.floor;
        const ceiling = chart.ceiling === undefined ? Infinity : chart.ceiling;
        return [Math.max(low - space, floor), Math.min(high + space, ceiling)];
    }

    function titles(svg, chart, width) {
        svg.append("text").attr("class", "title").attr("x", 2).attr("y", 16);
        fit(svg.select("text.title"), chart.title, width - 4);
    }

    /* Rows of dots with intervals on one axis. In a narrow box a label stands above its line. */
    function dots(box, chart) {
        const width = Math.max(240, box.clientWidth);
        const narrow = width < NARROW;
        const svg = frame(box, width, 10, chart);
        const texts = chart.rows.map((row) => svg.append("text").attr("class", "label").text(row.label));
        const longest = d3.max(texts, (text) => text.node().getComputedTextLength()) || 0;
        texts.forEach((text) => text.remove());
        const labels = narrow ? 0 : Math.min(longest + 14, 0.4 * width);
        const figures = narrow ? 0 : 78;
        const step = narrow ? 42 : chart.rows.length > 20 ? 23 : 28;
        const top = 30;
        const bottom = top + step * chart.rows.length;
        const x = d3.scaleLinear().domain(domainOf(chart))
            .range([labels + (narrow ? 24 : 12), width - figures - (narrow ? 26 : 12)]);
        titles(svg, chart, width);
        if (chart.band)
            band(svg, {x: x(Math.max(chart.band[0], x.domain()[0])), y: top, height: bottom - top,
                       width: x(Math.min(chart.band[1], x.domain()[1])) -
                           x(Math.max(chart.band[0], x.domain()[0]))});
        const room = x.range()[1] - x.range()[0];
        const ticks = ticksOf(x, Math.max(2, Math.floor(room / 64)), chart.kind);
        svg.append("g").attr("class", "grid").selectAll("line").data(ticks.values).enter()
            .append("line").attr("x1", x).attr("x2", x).attr("y1", top).attr("y2", bottom);
        if (chart.zero !== undefined)
            svg.append("line").attr("class", "zero").attr("x1", x(chart.zero))
                .attr("x2", x(chart.zero)).attr("y1", top).attr("y2", bottom);
        svg.append("g").attr("class", "axis x").attr("transform", "translate(0," + bottom + ")")
            .call(d3.axisBottom(x).tickValues(ticks.values).tickFormat(ticks.format));
        const height = bottom + 30 + 16 * lines(svg, chart.axis, bottom + 38, labels, width - 4);
        svg.attr("viewBox", "0 0 " + width + " " + height).attr("height", height);
        chart.rows.forEach(function (row, i) {
            const middle = top + step * i + (narrow ? 30 : step / 2);
            const baseline = narrow ? top + step * i + 15 : middle + 4;
            const g = svg.append("g").attr("class", "row");
            fit(g.append("text").attr("class", "label").attr("x", 2).attr("y", baseline), row.label,
                narrow ? width - 90 : labels - 8);
            g.append("text").attr("class", "figure").attr("x", width - 4).attr("y", baseline)
                .attr("text-anchor", "end").text(row.value === null ? "\u2013" : chart.figure(row.value));
            const line = g.append("g").attr("transform", "translate(0," + middle + ")");
            if (row.value === null) {
                line.append("text").attr("class", "absent").attr("x", x.range()[0])
                    .attr("y", 4).text(row.note);
                return;
            }
            if (row.hasInterval)
                interval(line, row, x, (along, beside) => along + "," + beside);
            mark(line, row.state).attr("transform", "translate(" + x(row.value) + ",0)");
        });
    }

    /* One gap over the rounds, with gaps where a round has none. */
    function trend(box, chart) {
        const width = Math.max(240, Math.min(880, box.clientWidth));
        const height = 264, left = 62, right = 14, top = 46, bottom = 220;
        const svg = frame(box, width, height, chart);
        const y = d3.scaleLinear().domain(domainOf(chart)).range([bottom, top]);
        const rounds = d3.extent(chart.rows, (row) => row.round);
        const x = d3.scaleLinear().domain([rounds[0] - 0.5, rounds[1] + 0.5])
            .range([left, width - right]);
        titles(svg, chart, width);
        svg.append("text").attr("class", "axis-label").attr("x", 2).attr("y", 34).text(chart.unit);
        if (chart.band) {
            const low = Math.max(chart.band[0], y.domain()[0]);
            const high = Math.min(chart.band[1], y.domain()[1]);
            band(svg, {x: left, y: y(high), width: width - right - left, height: y(low) - y(high)});
        }
        const ticks = ticksOf(y, 5, chart.kind);
        svg.append("g").attr("class", "grid").selectAll("line").data(ticks.values).enter()
            .append("line").attr("x1", left).attr("x2", width - right).attr("y1", y).attr("y2", y);
        svg.append("line").attr("class", "zero").attr("x1", left).attr("x2", width - right)
            .attr("y1", y(chart.zero)).attr("y2", y(chart.zero));
        const every = Math.ceil((rounds[1] - rounds[0] + 1) / Math.max(2, Math.floor((width - left) / 40)));
        svg.append("g").attr("class", "axis x").attr("transform", "translate(0," + bottom + ")")
            .call(d3.axisBottom(x).tickValues(d3.range(rounds[0], rounds[1] + 1, every))
                .tickFormat(d3.format("d")));
        svg.append("g").attr("class", "axis y").attr("transform", "translate(" + left + ",0)")
            .call(d3.axisLeft(y).tickValues(ticks.values).tickFormat(ticks.format));
        svg.append("text").attr("class", "axis-label").attr("x", (left + width - right) / 2)
            .attr("y", height - 6).attr("text-anchor", "middle").text("round");
        svg.append("path").attr("class", "way").attr("fill", "none")
            .attr("d", d3.line().defined((row) => row.value !== null)
                .x((row) => x(row.round)).y((row) => y(row.value))(chart.rows));
        for (const row of chart.rows) {
            const g = svg.append("g").attr("class", "row").attr("transform", "translate(" + x(row.round) + ",0)");
            if (row.value === null) {
                g.append("text").attr("class", "absent").attr("y", bottom - 6)
                    .attr("text-anchor", "middle").text("\u2013");
                continue;
            }
            if (row.hasInterval)
                interval(g, row, y, (along, beside) => beside + "," + along);
            mark(g, row.state).attr("transform", "translate(0," + y(row.value) + ")");
        }
    }

    return {dots: dots, trend: trend, formats: formats};
})();
